import { defineEvent } from '../common/events/define-event.js';
import type { StockCause } from './entities/stock-movement.entity.js';

interface StockChangedData {
  onHand: number;
  reserved: number;
  cause: StockCause;
}

export const StockChanged = defineEvent<StockChangedData>(
  'stock.changed',
  1,
  'The stock of a product changed; its id is that of the product. A product begins with no units.',
  {
    onHand: { type: 'integer', description: 'Units on hand now.' },
    reserved: { type: 'integer', description: 'Units of those that are reserved now.' },
    cause: { type: 'string', enum: ['sale', 'refund', 'adjustment', 'import'] },
  },
);
