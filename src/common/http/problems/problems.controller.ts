import { Controller, Get, Header, Param, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AppError, errorKinds } from '../../errors/app-error.js';
import { NotFound } from '../../errors/errors.js';
import { FAULT_CODES } from '../../errors/fault-texts.js';
import { Public } from '../../security/access.js';
import { statusOf } from '../errors/status.js';
import { HTML_PAGE_CSP, htmlPage, proseHtml } from '../syntax/html.js';
import { statusPhrase } from './problem.filter.js';

/** The pages that the `type` of each problem leads to. */
@ApiExcludeController()
@Public()
@Controller({ path: 'problems', version: VERSION_NEUTRAL })
export class ProblemsController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', HTML_PAGE_CSP)
  list(): string {
    const rows = errorKinds().map(
      (kind) =>
        `<li><a href="/problems/${kind.code}">${kind.code}</a> (${String(statusOf(kind))}): ${proseHtml(kind.title)}</li>`,
    );
    const codes = Object.entries(FAULT_CODES).map(
      ([code, meaning]) => `<li><code>${code}</code>: ${proseHtml(meaning)}</li>`,
    );
    return htmlPage(
      'Problems',
      `<p>What can go wrong, and what to do about it: the <code>code</code> of each problem, and its status.</p>
<ul>${rows.join('\n')}</ul>
<h2>Wrong values</h2>
<p>What the <code>code</code> of a wrong value can be, in the list <code>errors</code> of a problem.</p>
<ul>${codes.join('\n')}</ul>`,
    );
  }

  @Get(':code')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', HTML_PAGE_CSP)
  show(@Param('code') code: string): string {
    const kind = errorKinds().find((candidate) => candidate.code === code);
    if (!kind) throw new AppError(NotFound, `There is no problem ${code}.`);
    return htmlPage(
      kind.title,
      `<p><code>${code}</code>, ${statusPhrase(statusOf(kind))}</p><p>${proseHtml(kind.description)}</p>
<p><a href="/problems">All problems</a></p>`,
    );
  }
}
