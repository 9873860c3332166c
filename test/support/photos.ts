import sharp from 'sharp';

let made = 0;

/** The bytes of a small JPEG that is like no other one, unless it is of the same number. */
export async function pictureOf(number = ++made): Promise<Uint8Array<ArrayBuffer>> {
  const background = { r: number % 256, g: (number >> 8) % 256, b: 200 };
  const { data } = await sharp({ create: { width: 400, height: 300, channels: 3, background } })
    .composite([
      {
        input: {
          create: { width: 200, height: 150, channels: 3, background: { r: 255 - (number % 256), g: 80, b: 40 } },
        },
      },
    ])
    .jpeg()
    .toBuffer({ resolveWithObject: true });
  return new Uint8Array(data);
}

/** A form with a file, and with texts. */
export function formWith(
  file: Uint8Array<ArrayBuffer>,
  texts: Record<string, string> = {},
  name = 'picture.jpg',
): FormData {
  const form = new FormData();
  for (const [member, text] of Object.entries(texts)) form.set(member, text);
  form.set('file', new Blob([file], { type: 'image/jpeg' }), name);
  return form;
}
