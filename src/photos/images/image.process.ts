import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesOf, nameOf } from './image-files.js';
import { ImageRefused } from './image-failures.js';
import { type ImageReply, type ImageRequest, type PictureFacts, READY } from './image-messages.js';
import { decode, encode, isTransparent, type Picture, thumbHashOf } from './image-picture.js';

// The program of a child of image-child.ts: reads one picture after the other, as it is asked, and writes the files of each. It
// imports nothing of the application.

async function reply({ task, path, folder, maxPixels }: ImageRequest): Promise<ImageReply> {
  try {
    const picture = await decode(await readFile(path), maxPixels);
    const { width, height } = picture;
    const made = { width, height, hasAlpha: hasAlpha(task, picture), thumbHash: await thumbHashOf(picture) };
    await write(task, picture, made, folder);
    return { made };
  } catch (error) {
    if (error instanceof ImageRefused) return { refused: error.reason };
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

/** An original is WebP where there is transparency, also if that is lost in the encoding. */
function hasAlpha(task: ImageRequest['task'], picture: Picture): boolean {
  if (task === 'accept') return isTransparent(picture);
  if (picture.type !== 'image/webp' && picture.type !== 'image/jpeg') throw new ImageRefused('type');
  return picture.type === 'image/webp';
}

async function write(task: ImageRequest['task'], picture: Picture, made: PictureFacts, folder: string): Promise<void> {
  // variants of a small picture are as large as the original: they are the same bytes
  const encoded = new Map<string, Buffer>();
  for (const file of filesOf(task, made, made.hasAlpha)) {
    const kind = `${file.mediaType} ${String(file.width)} ${String(file.height)}`;
    const bytes = encoded.get(kind) ?? (await encode(picture, file));
    encoded.set(kind, bytes);
    await writeFile(join(folder, nameOf(file)), bytes, { flag: 'wx' });
  }
}

/** Where memory is used up, the kernel ends this process before others. Linux alone has this file. */
await writeFile('/proc/self/oom_score_adj', '800').catch(() => undefined);

// at once, also in the middle of a picture
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// sent to the whole group by a terminal (Ctrl-C) or an init system; the parent decides when this process ends
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('message', (request: ImageRequest) => {
  void reply(request).then((answer) => process.send?.(answer));
});
process.send?.(READY);
