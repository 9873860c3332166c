import { Controller, Get, Header, Param, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { FAULT_CODES } from '../../errors/fault-texts.js';
import { Problem, problemKinds } from '../../errors/problem.js';
import { NotFound } from '../../errors/problems.js';
import { Public } from '../../security/access.js';
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
    const rows = problemKinds().map(
      ({ slug, status, title }) =>
        `<li><a href="/problems/${slug}">${slug}</a> (${String(status)}): ${proseHtml(title)}</li>`,
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

  @Get(':slug')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', HTML_PAGE_CSP)
  show(@Param('slug') slug: string): string {
    const kind = problemKinds().find((candidate) => candidate.slug === slug);
    if (!kind) throw new Problem(NotFound, `There is no problem ${slug}.`);
    return htmlPage(
      kind.title,
      `<p><code>${slug}</code>, ${statusPhrase(kind.status)}</p><p>${proseHtml(kind.description)}</p>
<p><a href="/problems">All problems</a></p>`,
    );
  }
}
