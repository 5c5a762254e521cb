/** `isthmus serve`: the gateway, the same as `npm start`. */
import { Command } from 'commander'
import { serve } from '../main.ts'

export const serveCommand = new Command('serve')
  .description('run the gateway and its workers (what npm start does)')
  .action(() => serve())
