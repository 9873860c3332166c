/**
 * Takes the parameters from a request's query that have no value: a choice that was taken back leaves `include=` there.
 * @template {{ url: string }} R
 * @param {R} request
 * @returns {R}
 */
export function withoutEmptyParameters(request) {
  const [address = '', query] = request.url.split('?');
  if (query === undefined) return request;
  const kept = query.split('&').filter((parameter) => /=./.test(parameter));
  request.url = [address, ...(kept.length > 0 ? [kept.join('&')] : [])].join('?');
  return request;
}
