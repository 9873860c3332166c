import { type DataSchema, defineEvent } from '../common/events/define-event.js';

/** What an event says of a category beyond its id and version. */
interface CategoryEventData {
  parentId: string | null;
}

/** What a new version of a category differs in from the one before; neither is true when only a category above it changed. */
interface CategoryUpdatedData extends CategoryEventData {
  renamed: boolean;
  moved: boolean;
}

const DATA: DataSchema<CategoryEventData> = {
  parentId: { type: ['string', 'null'], format: 'uuid', description: 'The category above; null at the top.' },
};

export const CategoryCreated = defineEvent('category.created', 1, 'A category was created.', DATA);
export const CategoryUpdated = defineEvent<CategoryUpdatedData>(
  'category.updated',
  1,
  'A category was renamed or moved, or one above it was.',
  {
    ...DATA,
    renamed: { type: 'boolean', description: 'Whether its own name changed.' },
    moved: { type: 'boolean', description: 'Whether its own parent changed.' },
  },
);
export const CategoryDeleted = defineEvent('category.deleted', 1, 'A category was deleted.', DATA);
