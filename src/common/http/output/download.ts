import { once } from 'node:events';
import { Readable } from 'node:stream';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiExtension, ApiProduces } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mergeMap, type Observable } from 'rxjs';
import { RouteOption } from '../syntax/route-option.js';

/** A file that is made while it is sent: nobody knows how long it will be. */
export interface Download {
  /** The media type: one of those that the route {@link AnswersDownloads}. */
  readonly type: string;
  /** The name to save it by: ASCII, without quotes. */
  readonly name: string;
  /** Ends when it is destroyed, as it is when the client goes away. */
  readonly content: Readable;
}

/** Answers a {@link Download}. What fails before its first byte is a problem; after it, the connection is cut. */
@Injectable()
class SendDownload implements NestInterceptor<Download, Readable> {
  intercept(context: ExecutionContext, next: CallHandler<Download>): Observable<Readable> {
    const http = context.switchToHttp();
    const { method } = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(
      mergeMap(async ({ type, name, content }) => {
        // what fails until then is answered without these headers
        if (method !== 'HEAD') await once(content, 'readable');
        reply.header('content-disposition', `attachment; filename="${name}"`).type(type);
        if (method !== 'HEAD') return content;
        content.destroy();
        return Readable.from([]);
      }),
    );
  }
}

/** Has a route answer a {@link Download} of one of these media types, the default first. */
export const AnswersDownloads = (types: readonly string[]): MethodDecorator =>
  applyDecorators(
    RouteOption({ files: types }),
    UseInterceptors(SendDownload),
    ApiProduces(...types),
    ApiExtension('x-downloads', types),
  );
