/** Of s3rver, which has no types of its own, what the tests use. */
declare module 's3rver' {
  // eslint-disable-next-line no-restricted-exports -- as the package has it
  export default class S3rver {
    constructor(options: object)
    run(): Promise<{ readonly port: number }>
    close(): Promise<void>
  }
}
