import { escapeHtml, htmlPage, proseHtml } from '../syntax/html.js';
import type { ProblemDto } from './problem.dto.js';

/** The page that a browser gets instead of a problem document: what is wrong, where, and what to do about it. */
export function problemPage({ type, title, status, detail, requestId, errors = [] }: ProblemDto): string {
  const faults = errors.map(({ pointer, parameter, header, detail: reason }) => {
    const place = pointer ?? parameter ?? header;
    return `<li>${place === undefined ? '' : `<code>${escapeHtml(place)}</code> `}${proseHtml(reason)}</li>`;
  });
  return htmlPage(
    title,
    `<p>${String(status)}: ${proseHtml(detail)}</p>
${faults.length > 0 ? `<ul>${faults.join('\n')}</ul>` : ''}
<p><a href="${escapeHtml(new URL(type).pathname)}">What it means, and what to do</a></p>
<p>Request id: <code>${escapeHtml(requestId)}</code></p>`,
  );
}
