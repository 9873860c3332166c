import { type DataSchema, defineEvent } from '../common/events/define-event.js';
import { PRODUCT_STATUSES, type ProductStatus } from './entities/product.entity.js';

/** What an event says of a product beyond its id and version. */
interface ProductEventData {
  sku: string;
  status: ProductStatus;
}

const DATA: DataSchema<ProductEventData> = {
  sku: { type: 'string', description: 'The shop’s own code for it.' },
  status: { type: 'string', enum: [...PRODUCT_STATUSES] },
};

export const ProductCreated = defineEvent('product.created', 1, 'A product was created.', DATA);
export const ProductUpdated = defineEvent('product.updated', 1, 'A product or its categories were changed.', DATA);
export const ProductDeleted = defineEvent('product.deleted', 1, 'A product was deleted.', DATA);
