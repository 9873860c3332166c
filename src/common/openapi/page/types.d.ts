/* The types of what the scripts of this folder use: Swagger UI's system, the OpenAPI document and the API's answers. */

export type Component = (props: never) => object;

/** A collection of Immutable.js, which Swagger UI keeps its state in. */
export interface Immutable {
  get(name: string): unknown;
  getIn(path: readonly (string | undefined)[]): Immutable | undefined;
  set(name: string, value: unknown): Immutable;
  some(test: (value: Immutable) => boolean): boolean;
  filter(test: (value: Immutable) => boolean): Immutable;
  map(change: (value: Immutable, key: string) => Immutable): Immutable;
  isEmpty(): boolean;
  toArray(): Immutable[];
  toJS(): unknown;
}

/** A path and a method of the document. */
export type Where = [path: string, method: string];

/** An answer to an executed operation. */
export interface Answer {
  ok: boolean;
  status: number;
  url: string;
  headers: Record<string, string | undefined>;
  obj?: unknown;
}

export interface Schema {
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
}

export interface Operation {
  operationId: string;
  security: object[];
  parameters?: { name: string; in: string }[];
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** What Swagger UI gives to its plugins, as far as they use it. */
export interface System {
  React: {
    createElement: (type: Component | string, props: object | null, ...children: unknown[]) => object;
    useLayoutEffect: (effect: () => undefined | (() => void), dependencies: unknown[]) => void;
  };
  fn: {
    isFileUploadIntended(schema: unknown, mediaType: string): boolean;
  };
  getComponent(name: string, container?: true): Component;
  getSystem(): System;
  authActions: {
    authorizeWithPersistOption(authorizations: object): void;
    logoutWithPersistOption(names: string[]): void;
  };
  authSelectors: { authorized(): Immutable };
  layoutActions: { updateFilter(phrase: string): void };
  layoutSelectors: { currentFilter(): unknown };
  oas3Actions: { setRequestBodyValue(change: { value: string; pathMethod: Where }): void };
  oas3Selectors: { requestBodyValue(path: string, method: string): unknown };
  specSelectors: {
    specJsonWithResolvedSubtrees(): Immutable;
    parameterWithMetaByIdentity(where: Where, field: Immutable): Immutable;
  };
  specActions: { changeParamByIdentity(where: Where, field: Immutable, value: unknown): void };
}

/** A user as `GET /users/me` answers. */
export interface User {
  email: string;
  id: string;
  name: string;
  roles: string[];
}

/** What the server says to the page. */
export interface Settings {
  /** Accounts to sign in with at once: the demo's. */
  accounts: { email: string; role: string; password: string }[];
  /** Where the mails can be read that would have been sent. */
  mailbox?: string;
}
