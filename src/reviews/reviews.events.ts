import { type DataSchema, defineEvent } from '../common/events/define-event.js';

/** What an event says of a review beyond its id and version. */
interface ReviewEventData {
  productId: string;
  rating: number;
}

const DATA: DataSchema<ReviewEventData> = {
  productId: { type: 'string', format: 'uuid', description: 'The product that it is about.' },
  rating: { type: 'integer', description: 'From 1 to 5.' },
};

export const ReviewCreated = defineEvent('review.created', 1, 'A customer reviewed a product.', DATA);
export const ReviewUpdated = defineEvent('review.updated', 1, 'A review was changed.', DATA);
export const ReviewDeleted = defineEvent(
  'review.deleted',
  1,
  'A review was deleted. The reviews of a deleted product go with it, without an event of their own.',
  DATA,
);
