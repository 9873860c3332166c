import { type DataSchema, defineEvent } from '../common/events/define-event.js';

/** What an event says of a shipping method beyond its id and version. */
interface ShippingMethodEventData {
  active: boolean;
}

const DATA: DataSchema<ShippingMethodEventData> = {
  active: { type: 'boolean', description: 'Whether customers can choose it.' },
};

export const ShippingMethodCreated = defineEvent('shipping-method.created', 1, 'A shipping method was created.', DATA);
export const ShippingMethodUpdated = defineEvent(
  'shipping-method.updated',
  1,
  'A shipping method was changed: its name, price, countries, or whether it is active.',
  DATA,
);
export const ShippingMethodDeleted = defineEvent(
  'shipping-method.deleted',
  1,
  'A shipping method was deleted. Orders keep their own copy of its name and price.',
  DATA,
);
