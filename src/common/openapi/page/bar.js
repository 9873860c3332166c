/** @import { Settings } from './types.js' */
/** @import { Session } from './session.js' */

/**
 * The bar at the top: who is signed in, with the demo's accounts one click away.
 * @param {Settings} settings
 * @param {Session} session
 */
export function showBar({ accounts = [] }, session) {
  const state = element('session');
  const notice = element('notice');

  function show() {
    const { user } = session;
    const others = accounts.filter(({ email }) => email !== user?.email);
    state.replaceChildren(
      ...(user ? [`Signed in as ${user.name} (${user.roles.join(', ') || 'no role'})`] : ['Not signed in']),
      ...(user ? [button('Sign out', () => session.signOut())] : []),
      ...others.map(({ email, role, password }) => button(`Sign in as ${role}`, () => session.signIn(email, password))),
    );
    notice.textContent = session.notice;
    notice.hidden = session.notice === '';
  }

  session.addEventListener('change', show);
  show();
}

/**
 * @param {string} text
 * @param {() => Promise<void>} act
 */
function button(text, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.addEventListener('click', () => {
    made.disabled = true;
    void act().finally(() => {
      made.disabled = false;
    });
  });
  return made;
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}
