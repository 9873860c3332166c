import { DataSource } from 'typeorm';
import { openAccount } from '../accounts.js';
import type { Feature } from '../feature.js';
import { formWith, pictureOf } from '../photos.js';
import type { Shop } from '../shop.js';

export const feature: Feature = {
  statements: { 'GET /api/v1/photos/{id}/{variant}': 1 },
  things: {
    photos: async ({ shop, make }) => addPhoto(shop, await make('products')),
    variant: () => Promise.resolve('thumb'),
    // of the product that was made last, which the request names before it
    photoId: async ({ shop }) => {
      const [row] = await shop.app
        .get(DataSource)
        .query<{ id: string }[]>('SELECT id FROM products ORDER BY id DESC LIMIT 1');
      return addPhoto(shop, row?.id ?? '');
    },
  },
};

/** Adds a photo to a product. @returns its id. */
async function addPhoto(shop: Shop, productId: string): Promise<string> {
  const { token } = await openAccount(shop, 'staff');
  const { status, body } = await shop.ask<{ id?: string }>(`products/${productId}/photos`, {
    method: 'POST',
    token,
    body: formWith(await pictureOf()),
  });
  if (body.id === undefined) throw new Error(`no photo was added: ${String(status)} ${JSON.stringify(body)}`);
  return body.id;
}
