/** By which everything that is written is remembered, so it never changes. */
export function callerName(client: string, account?: string): string {
  return account === undefined ? `client ${client}` : `user ${account} by ${client}`
}
