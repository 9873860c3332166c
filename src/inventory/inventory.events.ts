import { defineEvent } from '../common/events/define-event.js';
import type { Announcement } from '../common/events/events.service.js';
import type { StockCause } from './entities/stock-movement.entity.js';
import type { VersionedLevel } from './inventory.repository.js';

/** What changes stock: what moves it, and what reserves units or makes reserved ones available again. */
export type StockChangeCause = StockCause | 'reservation' | 'release';

interface StockChangedData {
  onHand: number;
  reserved: number;
  cause: StockChangeCause;
}

export const StockChanged = defineEvent<StockChangedData>(
  'stock.changed',
  2,
  'The stock of a product changed; its id is that of the product. A product begins with no units.',
  {
    onHand: { type: 'integer', description: 'Units on hand now.' },
    reserved: { type: 'integer', description: 'Units of those that are reserved now.' },
    cause: {
      type: 'string',
      enum: ['sale', 'refund', 'adjustment', 'import', 'reservation', 'release'],
      description: 'Why; `reservation` and `release` since version 2.',
    },
  },
);

/** What {@link StockChanged} announces of levels, as they are after the change. */
export const toStockChanges = (
  levels: readonly VersionedLevel[],
  cause: StockChangeCause,
): Announcement<StockChangedData>[] =>
  levels.map(({ productId, version, onHand, reserved }) => ({
    id: productId,
    version,
    data: { onHand, reserved, cause },
  }));
