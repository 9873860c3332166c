import { escapeHtml, linkedHtml } from '../http/syntax/html.js';
import type { Mail } from './mailer.js';

const FONT = 'font:16px/1.5 system-ui,-apple-system,Segoe UI,Roboto,sans-serif;color:#1f2933';

/**
 * The HTML of a mail whose template gives none: the paragraphs of its text, with links, in one frame. Change the frame here; a template that
 * needs more gives `html` of its own. It loads nothing: no image, no font, no script.
 */
export function mailHtml({ subject, text }: Pick<Mail, 'subject' | 'text'>): string {
  const paragraphs = text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => `<p style="margin:0 0 16px">${linkedHtml(paragraph).replaceAll('\n', '<br>')}</p>`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px;background:#f4f5f7">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border-radius:8px;${FONT}">
${paragraphs.join('\n')}
</div>
</body>
</html>
`;
}
