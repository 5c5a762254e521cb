/** EJSON files: `{"$date": …}` and `{"$numberDecimal": …}` become what the driver stores. */
import { EJSON } from 'bson'
import { StartError } from '../kernel/errors.ts'

/** Numbers stay JavaScript numbers. Throws StartError naming the file. */
export function parseEjson(text: string, file: string): unknown {
  try {
    return EJSON.parse(text, { relaxed: true })
  } catch (error) {
    throw new StartError(`${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export function stringifyEjson(value: unknown): string {
  return EJSON.stringify(value, undefined, 2, { relaxed: true })
}
