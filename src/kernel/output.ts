/**
 * Standard output that cannot be written, where Node would end any program with a stack. A command whose reader goes away
 * (`isthmus status | head -1`) ends without a word, as other programs do; any other failure is one. A service goes on.
 */

/** 128 + SIGPIPE, what a shell says of a program that this signal ended. */
const SIGPIPE = 141

let onFailure = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') throw error
  process.exit(SIGPIPE)
}

/** `onUnread`: a service does this when its reader goes away; to a disk that is full it says nothing until there is space. */
export function heedOutput(onUnread?: () => void): void {
  if (onUnread)
    onFailure = ({ code }) => {
      if (code === 'EPIPE') onUnread()
    }
  process.stdout.off('error', outputFailed).on('error', outputFailed)
}

export function outputFailed(error: NodeJS.ErrnoException): void {
  onFailure(error)
}
