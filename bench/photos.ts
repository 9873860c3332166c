import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { photograph } from '../test/support/pictures.js';
import type { Database } from './database.js';
import { signedIn } from './operation.js';
import { STAFF } from './seed.common.js';
import { startServer, STATIC_FOLDER } from './servers.js';

/** The `Accept` with which a browser (Chrome) asks for an image. */
export const BROWSER_ACCEPT = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';

/** How often it is looked whether photos are complete, in milliseconds. */
const PAUSE = 50;

/** Adds a photo to a product, waits until all its files are made, and puts the one that a browser gets where the reference serves it. */
export async function seedPhoto(database: Database): Promise<void> {
  await removePhotos(database);
  const [product] = await database.query<{ id: string }>(
    "SELECT id FROM products WHERE status = 'active' ORDER BY id LIMIT 1",
  );
  // with its background work, which the server that is measured does not do
  const server = await startServer('stockroom', database.url);
  try {
    const headers = await signedIn(server.url, STAFF);
    const id = await uploadPhoto(server.url, product?.id ?? '', headers, new Uint8Array(await photograph()));
    await untilComplete(database);
    const response = await fetch(`${server.url}/api/v1/photos/${id}/thumb`, { headers: { accept: BROWSER_ACCEPT } });
    if (!response.ok) throw new Error(`the photo ${id} is answered with ${String(response.status)}`);
    await mkdir(join(STATIC_FOLDER, id), { recursive: true });
    await writeFile(join(STATIC_FOLDER, id, 'thumb'), await response.bytes());
  } finally {
    await server.stop();
  }
}

/** Adds a photo to a product. @returns its id. */
export async function uploadPhoto(
  url: string,
  productId: string,
  headers: Record<string, string>,
  picture: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const body = new FormData();
  body.set('file', new Blob([picture], { type: 'image/jpeg' }), 'photo.jpg');
  const response = await fetch(`${url}/api/v1/products/${productId}/photos`, { method: 'POST', headers, body });
  if (response.status !== 201)
    throw new Error(`a photo is answered with ${String(response.status)} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** Resolves when all files of all photos are made. */
export async function untilComplete(database: Database): Promise<void> {
  while ((await database.query('SELECT FROM photos WHERE NOT is_complete')).length > 0) await setTimeout(PAUSE);
}

/** Removes all photos. Their files go with the folder of the benchmark. */
export async function removePhotos(database: Database): Promise<void> {
  for (const table of ['product_photos', 'photo_variants', 'photos', 'photo_files'])
    await database.query(`DELETE FROM ${table}`);
}
