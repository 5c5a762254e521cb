/** Exact decimals in resources: `JSON.rawJSON('37.10')` stands where a JavaScript number would lose digits. */

interface ExactJson {
  rawJSON(text: string): { readonly rawJSON: string }
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
}

// TypeScript 5.9 does not know these yet (https://github.com/tc39/proposal-json-parse-with-source); Node 24 does.
const exact = JSON as unknown as ExactJson

export const rawJSON = (text: string): { readonly rawJSON: string } => exact.rawJSON(text)
export const isRawJSON = (value: unknown): value is { readonly rawJSON: string } => exact.isRawJSON(value)
