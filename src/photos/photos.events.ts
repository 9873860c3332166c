import { type DataSchema, defineEvent } from '../common/events/define-event.js';

/** What a photo is of. */
export interface PhotoSubject {
  type: 'product' | 'user';
  id: string;
}

/** What an event says of a photo beyond its id. */
interface PhotoEventData {
  subjectType: PhotoSubject['type'];
  subjectId: string;
}

const DATA: DataSchema<PhotoEventData> = {
  subjectType: { type: 'string', enum: ['product', 'user'], description: 'What the photo is of.' },
  subjectId: { type: 'string', format: 'uuid', description: 'The id of what the photo is of.' },
};

/** A photo is never changed: the versions that its events are of. */
export const [ADDED, REMOVED] = [1, 2];

export const PhotoAdded = defineEvent('photo.added', 1, 'A photo is shown from now on.', DATA);
export const PhotoRemoved = defineEvent('photo.removed', 1, 'A photo and all its files are removed.', DATA);
