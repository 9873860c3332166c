import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppError, type Fault } from '../../errors/app-error.js';
import { ValidationFailed } from '../../errors/errors.js';
import { faultOfText, lengthOf, normalized } from '../../text/text.js';
import { BadRequest, PayloadTooLarge, UnsupportedMediaType } from '../errors/http-errors.js';
import { RouteOption } from '../syntax/route-option.js';
import { StreamedBody, streamedBodyOf, type StreamedFile, Streams } from './streamed-body.js';

const FORM = 'multipart/form-data';

/** How many bytes of a form may be something else than its file: texts, names and boundaries. */
const BESIDE_FILE = 64 * 1024;

/** A text of a form. */
export interface FormText {
  readonly description: string;
  /** In characters. */
  readonly maxLength: number;
  readonly example: string;
}

/** What a form has: one file, and texts that may be left out. */
export interface FormOptions {
  /** What the file is. */
  readonly file: string;
  /** How long the file may be, in bytes. */
  readonly maxLength: number;
  /** What a file of the kind is called. */
  readonly example?: string;
  readonly texts?: Readonly<Record<string, FormText>>;
  /** Whether a file is the one of the form under any name of its part. */
  readonly takesAnyName?: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The form that a route reads as it comes. */
    form?: FormOptions;
  }
}

/** A form that is read as it comes: however long its file is, only a piece of it is in memory. */
export class StreamedForm {
  constructor(
    private readonly options: FormOptions,
    private readonly contentType: string,
    private readonly body: StreamedBody,
  ) {}

  /**
   * Reads the form, once, and writes its file to a path, where there is none yet. After a failure there may be a part of it.
   * @returns the texts by their names; those that were left out are not there.
   * @throws AppError 400 for what is no form, or was not sent to its end; 413; 422 for what the form must not have, or has to.
   */
  async receive(path: string): Promise<Partial<Record<string, string>>> {
    return this.parse(new FormReader(this.options, (file) => pipeline(file, createWriteStream(path, { flags: 'wx' }))));
  }

  /**
   * Reads the form up to its file, once, which is then read as it comes.
   * @throws AppError as {@link receive}; so does reading the file, at the latest at its end: then nothing of it may count.
   */
  async open(): Promise<StreamedFile> {
    const opened = Promise.withResolvers<FilePart>();
    const reader = new FormReader(this.options, async (stream, name, type) => {
      opened.resolve({ stream, name, type });
      await finished(stream);
    });
    const whole = this.parse(reader);
    // it is for who waits for the file, and then for who reads it
    whole.catch(() => undefined);
    await Promise.race([opened.promise, whole]);
    const { stream, name, type } = await opened.promise;
    return { name, type, read: (limit) => readPart(stream, limit, whole) };
  }

  private async parse(reader: FormReader): Promise<Partial<Record<string, string>>> {
    const parser = openParser(this.contentType, this.options);
    reader.listen(parser);
    try {
      await pipeline(Readable.from(this.body.read(this.options.maxLength + BESIDE_FILE)), parser);
      return await reader.finish();
    } catch (error) {
      await reader.abandon();
      if (reader.refusal ?? error instanceof AppError) throw reader.refusal ?? error;
      throw new AppError(
        BadRequest,
        `The form could not be read to its end: ${messageOf(error)}.`,
        {},
        { cause: error },
      );
    }
  }
}

/** The file of a form, as its part describes it. */
interface FilePart {
  stream: BusboyFileStream;
  name: string;
  type: string;
}

/** The bytes of a part; at its end, and after a failure, what became of the form. */
async function* readPart(stream: BusboyFileStream, limit: number, whole: Promise<unknown>): AsyncGenerator<Buffer> {
  let read = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk as Uint8Array);
      read += bytes.length;
      if (read > limit) throw new AppError(PayloadTooLarge, `The file may have ${String(limit)} bytes at most.`);
      yield bytes;
    }
  } catch (error) {
    if (!(error instanceof AppError)) await whole;
    throw error;
  }
  await whole;
}

/** Puts together what a parser finds. */
class FormReader {
  /** Why the rest of the form is not read. */
  refusal: AppError | undefined;

  private readonly texts = new Map<string, string>();
  private readonly faults: Fault[] = [];
  private file: { stream: BusboyFileStream; taken: Promise<unknown> } | undefined;

  /** @param take reads the file to its end. */
  constructor(
    private readonly options: FormOptions,
    private readonly take: (file: BusboyFileStream, name: string, type: string) => Promise<unknown>,
  ) {}

  listen(parser: BusboyInstance): void {
    const refuse = (error: AppError): void => {
      this.refusal ??= error;
      parser.destroy(error);
    };
    parser.on('file', (_part, stream, name, _encoding, type) => {
      stream.once('limit', () => {
        refuse(new AppError(PayloadTooLarge, `The file may have ${String(this.options.maxLength)} bytes at most.`));
      });
      // the failure is reported by finish()
      const taken = this.take(stream, name, type.toLowerCase()).catch((error: unknown) => ({ error }));
      this.file = { stream, taken };
    });
    parser.on('field', (name, value, _isNameCut, isCut) => {
      this.takeText(name, value, isCut);
    });
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      parser.on(limit, () => {
        refuse(new AppError(BadRequest, `The form has more parts than ${['file', ...this.names].join(', ')}.`));
      });
    }
  }

  /** @throws AppError 422; what the file could not be taken for. */
  async finish(): Promise<Partial<Record<string, string>>> {
    const failure = await this.file?.taken;
    if (failure !== undefined && typeof failure === 'object' && failure && 'error' in failure) throw failure.error;
    if (!this.file) this.faults.unshift({ pointer: '#/file', code: 'required', detail: 'must be a file' });
    if (this.faults.length === 0) return Object.fromEntries(this.texts);
    throw new AppError(ValidationFailed, 'Some parts of the form are not valid; errors names each one.', {
      errors: this.faults,
    });
  }

  /** Resolves when nothing takes the file any more. */
  async abandon(): Promise<void> {
    this.file?.stream.destroy();
    await this.file?.taken;
  }

  private get names(): string[] {
    return Object.keys(this.options.texts ?? {});
  }

  private takeText(name: string | undefined, value: string, isCut: boolean): void {
    const text = this.names.includes(name ?? '') ? this.options.texts?.[name ?? ''] : undefined;
    const fault = !text
      ? { code: 'unknown', detail: `is not known: the form has ${['file', ...this.names].join(', ')}` }
      : this.texts.has(name ?? '')
        ? { code: 'duplicate', detail: 'must be there once' }
        : isCut || lengthOf(value) > text.maxLength
          ? { code: 'maxLength', detail: `must have ${String(text.maxLength)} characters at most` }
          : faultOfText(value, text.maxLength);
    if (fault) this.faults.push({ pointer: `#/${name ?? ''}`, ...fault });
    else this.texts.set(name ?? '', normalized(value));
  }
}

/** @throws AppError 400 when the header is not that of a form. */
function openParser(contentType: string, { maxLength, texts = {}, takesAnyName = false }: FormOptions): BusboyInstance {
  const most = Math.max(0, ...Object.values(texts).map((text) => text.maxLength));
  const fields = Object.keys(texts).length + 1;
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      // by its name: what a client says of a part is no reason to take it for something else
      isPartAFile: (name, _type, fileName) => name === 'file' || (takesAnyName && fileName !== undefined),
      // a character has four bytes at most
      limits: {
        files: 1,
        fields,
        parts: fields + 1,
        fileSize: maxLength,
        fieldSize: 4 * most,
        headerPairs: 20,
        headerSize: 4096,
      },
    });
  } catch (error) {
    throw new AppError(BadRequest, 'The Content-Type of a form names its boundary.', {}, { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What a form is, for the document. */
const schemaOf = ({ texts = {}, file, maxLength, example = 'picture.jpg' }: FormOptions) => ({
  type: 'object' as const,
  additionalProperties: false,
  required: ['file'],
  properties: {
    ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, { type: 'string', ...text }])),
    file: { type: 'string', format: 'binary', maxLength, description: file, example },
  },
});

/** Takes a form with one file, `file`, as a {@link StreamedForm}, handed over by {@link Form}; other bodies get 415. */
export const TakesForm = (options: FormOptions): MethodDecorator =>
  applyDecorators(
    RouteOption({ streams: [FORM], form: options }),
    ApiConsumes(FORM),
    ApiBody({ schema: schemaOf(options) }),
  );

/**
 * Takes a file as {@link UploadedFile} hands it over: as the body, in one of some media types, or in a form; others get 415.
 * @param examples one body of each media type.
 */
export const TakesFile = (examples: Readonly<Record<string, string>>, form: FormOptions): MethodDecorator =>
  applyDecorators(
    Streams(examples, form.maxLength, FORM),
    RouteOption({ form }),
    ApiExtension('x-form', schemaOf(form)),
  );

/** The form of a route that {@link TakesForm}. */
export const Form = createParamDecorator((_: unknown, context: ExecutionContext): StreamedForm => {
  const form = formOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (form) return form;
  throw new AppError(UnsupportedMediaType, `This operation takes ${FORM}.`);
});

/** The file of a route that {@link TakesFile}, to be opened. */
export const UploadedFile = createParamDecorator(
  (_: unknown, context: ExecutionContext): StreamedForm | StreamedBody => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return formOf(request) ?? streamedBodyOf(request);
  },
);

/** The form that a request sends to a route that takes one. */
function formOf({ body, headers, routeOptions }: FastifyRequest): StreamedForm | undefined {
  const { form } = routeOptions.config;
  const isForm = form && body instanceof StreamedBody && body.type === FORM;
  return isForm ? new StreamedForm(form, headers['content-type'] ?? '', body) : undefined;
}
