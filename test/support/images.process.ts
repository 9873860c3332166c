import { readFileSync } from 'node:fs';
import { ImageOptions, ImagesService } from '../../src/photos/images/images.service.js';

// A process of its own that makes the files of the picture PICTURE in the folder FOLDER. It prints the id of its child, and whether
// it has loaded the library itself.

const images = new ImagesService(Object.assign(new ImageOptions(), { processes: 1 }));
const { PICTURE = '', FOLDER = '' } = process.env;
await images.accept(PICTURE, FOLDER);
const isLoaded = readFileSync('/proc/self/maps', 'latin1').includes('libvips');
process.stdout.write(`${JSON.stringify({ child: images.processIds[0], isLoaded })}\n`);
if (process.env.THEN === 'derive') await images.derive(PICTURE, FOLDER);
// else nothing keeps it: the child has nothing to do
