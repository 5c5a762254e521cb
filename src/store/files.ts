/**
 * The bytes of Binary resources, in GridFS: 200 MB go in and out without ever being in memory at once.
 *
 * GridFS takes no session, so a file is stored first; the version that names it is committed afterwards. Before its first
 * byte an upload leaves a mark, which says for which resource it is. What is marked and named by no version once its time
 * is over was for nothing, and is swept.
 */
import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ObjectId } from 'mongodb'
import { GridFSBucket } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import type { Store } from './collections.ts'
import type { UploadDocument } from './documents.ts'
import { versionId } from './version-id.ts'

/** For its name among the bytes of everybody: the tenant is part of it. */
function fileId({ tenant }: Pick<Permit, 'tenant'>, name: string): string {
  return `${tenant}/${name}`
}

/** Stores the bytes for the resource (`Binary/1`); its name is to be kept by the version. Throws what the content throws. */
export async function storeFile(store: Store, permit: Permit, resource: string, content: Readable): Promise<string> {
  const name = randomUUID()
  const _id = fileId(permit, name)
  await store.uploads.insertOne({ _id, t: permit.tenant, resource, at: new Date() })
  const upload = bucketOf(store).openUploadStreamWithId(asKey(_id), `${permit.tenant}/${resource}`)
  await pipeline(content, upload)
  return name
}

/** How many bytes, where the file is there and is of this resource. */
export async function fileSize(
  store: Store,
  permit: Permit,
  resource: string,
  name: string,
): Promise<number | undefined> {
  const filter = { _id: asKey(fileId(permit, name)), filename: `${permit.tenant}/${resource}` }
  const [found] = await bucketOf(store).find(filter).limit(1).toArray()
  return found?.length
}

/** The bytes from `start` to before `end`. */
export function fileContent(
  store: Store,
  permit: Permit,
  name: string,
  range?: { readonly start: number; readonly end: number },
): Readable {
  return bucketOf(store).openDownloadStream(asKey(fileId(permit, name)), range)
}

/** The version is committed: its file is no upload any more. */
export async function keepFiles(store: Store, permit: Permit, names: readonly string[]): Promise<void> {
  await store.uploads.deleteMany({ _id: { $in: names.map((name) => fileId(permit, name)) } })
}

const AT_ONCE = 100

/** Deletes what was uploaded before then and is named by no version; how many files that were. */
export async function sweepFiles(store: Store, before: Date): Promise<number> {
  let swept = 0
  for (;;) {
    const marks = await store.uploads
      .find({ at: { $lt: before } })
      .limit(AT_ONCE)
      .toArray()
    for (const mark of marks) if (!(await settle(store, mark))) swept++
    if (marks.length < AT_ONCE) return swept
  }
}

/** Is it kept? An upload that broke has chunks and no file. */
async function settle(store: Store, { _id, t, resource }: UploadDocument): Promise<boolean> {
  const [type = '', id = ''] = resource.split('/')
  const name = _id.slice(t.length + 1)
  const [first, last] = [versionId({ tenant: t }, type, id, 0), versionId({ tenant: t }, type, id, 9_999_999_999)]
  const named = await store.versions.findOne(
    { _id: { $gte: first, $lte: last }, body: { $regex: name } },
    { projection: { _id: 1 } },
  )
  if (!named) {
    await store.db.collection<{ files_id: string }>(`${BUCKET}.chunks`).deleteMany({ files_id: _id })
    await store.db.collection<{ _id: string }>(`${BUCKET}.files`).deleteOne({ _id })
  }
  await store.uploads.deleteOne({ _id })
  return named !== null
}

/** All files that were ever stored for a resource (`<tenant>/Binary/<id>`), uploads that broke too; how many. */
export async function deleteFilesOf(store: Store, resource: string): Promise<number> {
  const tenant = resource.slice(0, resource.indexOf('/'))
  const files = await bucketOf(store).find({ filename: resource }).toArray()
  const marks = await store.uploads.find({ t: tenant, resource: resource.slice(tenant.length + 1) }).toArray()
  const names = [...new Set([...files.map(({ _id }) => String(_id)), ...marks.map(({ _id }) => _id)])]
  await store.db.collection<{ files_id: string }>(`${BUCKET}.chunks`).deleteMany({ files_id: { $in: names } })
  await store.db.collection<{ _id: string }>(`${BUCKET}.files`).deleteMany({ _id: { $in: names } })
  await store.uploads.deleteMany({ _id: { $in: marks.map(({ _id }) => _id) } })
  return files.length
}

const BUCKET = 'files'
const buckets = new WeakMap<Store, GridFSBucket>()

/** One of each store: it makes its indexes once. */
function bucketOf(store: Store): GridFSBucket {
  const bucket = buckets.get(store) ?? new GridFSBucket(store.db, { bucketName: BUCKET })
  buckets.set(store, bucket)
  return bucket
}

/** Any value is a key, whatever the driver's types say. */
function asKey(id: string): ObjectId {
  return id as unknown as ObjectId
}
