const text = { type: 'string' } as const;
const whole = { type: 'integer' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const money = { type: 'object', properties: { amount: whole, currency: text } } as const;
const attributes = {
  type: 'object',
  additionalProperties: { type: ['string', 'number', 'boolean'] },
} as const;

const photo = {
  type: 'object',
  properties: {
    id: text,
    width: whole,
    height: whole,
    thumbHash: text,
    available: { type: 'boolean' },
    urls: { type: 'object', properties: { original: text, large: text, medium: text, thumb: text } },
  },
} as const;

/** A product as it goes out. */
export const product = {
  type: 'object',
  properties: {
    id: text,
    sku: text,
    slug: text,
    name: text,
    description: { type: ['string', 'null'] },
    price: money,
    rating: { type: 'object', properties: { average: { type: ['number', 'null'] }, count: whole } },
    stock: { type: 'object', properties: { available: whole, onHand: whole, reserved: whole } },
    categories: { type: 'array', items: { type: 'object', properties: { id: text, name: text, slug: text } } },
    photos: {
      type: 'array',
      items: { type: 'object', properties: { alt: { type: ['string', 'null'] }, ...photo.properties } },
    },
    family: {
      type: ['object', 'null'],
      properties: { id: text, name: text, options: { type: 'object', additionalProperties: text } },
    },
    attributes,
    status: text,
    version: whole,
    createdAt: time,
    updatedAt: time,
  },
} as const;

export const productPage = {
  type: 'object',
  properties: {
    data: { type: 'array', items: product },
    page: { type: 'object', properties: { limit: whole, next: { type: ['string', 'null'] } } },
  },
} as const;

export const user = {
  type: 'object',
  properties: {
    id: text,
    email: text,
    name: text,
    roles: { type: 'array', items: text },
    emailVerified: { type: 'boolean' },
    disabled: { type: 'boolean' },
    erased: { type: 'boolean' },
    photo: { ...photo, type: ['object', 'null'] },
    version: whole,
    createdAt: time,
    updatedAt: time,
  },
} as const;

export const tokens = {
  type: 'object',
  properties: { accessToken: text, tokenType: text, expiresIn: whole, refreshToken: text },
} as const;

export const byId = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', format: 'uuid' } },
} as const;

export const productQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    cursor: { type: 'string', maxLength: 2048 },
    q: { type: 'string', minLength: 1, maxLength: 200 },
    categoryId: { type: 'string', format: 'uuid' },
    minPrice: { type: 'integer', minimum: 0 },
    maxPrice: { type: 'integer', minimum: 0 },
    sort: { enum: ['price', '-createdAt'] },
  },
} as const;

export const newProduct = {
  type: 'object',
  additionalProperties: false,
  required: ['sku', 'name', 'price'],
  properties: {
    sku: { type: 'string', maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]*$' },
    name: { type: 'string', minLength: 1, maxLength: 200 },
    description: { type: 'string', nullable: true, maxLength: 5000 },
    price: {
      type: 'object',
      additionalProperties: false,
      required: ['amount', 'currency'],
      properties: {
        amount: { type: 'integer', minimum: 0, maximum: 999_999_999_999 },
        currency: { type: 'string', pattern: '^[A-Z]{3}$' },
      },
    },
    categoryIds: {
      type: 'array',
      maxItems: 20,
      uniqueItems: true,
      items: { type: 'string', format: 'uuid' },
      default: [],
    },
    attributes: { ...attributes, maxProperties: 50, default: {} },
    status: { enum: ['draft', 'active', 'archived'], default: 'active' },
  },
} as const;

export const credentials = {
  type: 'object',
  additionalProperties: false,
  required: ['email', 'password'],
  properties: {
    email: { type: 'string', format: 'email', maxLength: 254 },
    password: { type: 'string', minLength: 1, maxLength: 128 },
  },
} as const;
