import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Serves the files of photos out of a folder, in which each is at the path of its address. */
export async function addPhotos(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    root: process.env.STATIC_FOLDER ?? '',
    prefix: '/api/v1/photos/',
    maxAge: '365d',
    immutable: true,
    setHeaders: (reply) => {
      reply.header('content-type', 'image/avif');
    },
  });
}
