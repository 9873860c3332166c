/** One connection to the database. */
export interface Connection {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/** The password of all accounts. */
export const PASSWORD = 'seven herons over the pier';

export const STAFF = 'staff@bench.example';
export const CUSTOMERS = 100;
export const customer = (number: number): string => `customer-${String(number)}@bench.example`;

/** How many units there are of the products that are sold in large numbers, every fifth: enough for any run. */
export const PLENTY = 1_000_000;

/** A UUIDv7 of a moment and a text of 32 hexadecimal digits. */
export const uuidv7 = (moment: string, digits: string): string => `(
  lpad(to_hex((extract(epoch FROM ${moment}) * 1000)::bigint), 12, '0') || '7' || substr(${digits}, 1, 3)
  || '8' || substr(${digits}, 4, 15))::uuid`;
