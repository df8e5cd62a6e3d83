// Requests to the server. A token is asked for when the server wants one, and kept in memory
// alone.

let token = '';
let asking = null; // a promise, while the user is asked

// Refused is the answer to a request that the server does not fulfil.
export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

// ask sends a request and returns the response. It asks for a token where one is missing, and
// tries again when the server is busy.
export async function ask(path, options = {}) {
  for (;;) {
    const sent = token;
    const headers = new Headers(options.headers);
    if (sent) {
      headers.set('Authorization', `Bearer ${sent}`);
    }
    const response = await fetch(path, { ...options, headers });
    if (response.ok) {
      return response;
    }
    if (response.status === 401) {
      if (token === sent) {
        await askForToken(sent !== '');
      }
      continue;
    }
    const text = await refusal(response);
    if (response.status === 429) {
      const seconds = Number(response.headers.get('Retry-After')) || 1;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (0.5 + Math.random())));
      continue;
    }
    throw new Refused(response.status, text);
  }
}

export async function askJSON(path, options) {
  return (await ask(path, options)).json();
}

// refusal returns what a response that is no success says.
async function refusal(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error || response.statusText;
  } catch {
    return text.trim() || response.statusText || `status ${response.status}`;
  }
}

// askForToken lets the user type a token. Requests that wait for one share the question.
function askForToken(wrong) {
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById('ask');
    const field = document.getElementById('token');
    document.getElementById('ask-title').textContent = wrong ? 'The server does not know this token' : 'This server wants a token';
    const keep = (event) => event.preventDefault(); // nothing works without a token
    dialog.addEventListener('cancel', keep);
    dialog.addEventListener('close', () => {
      dialog.removeEventListener('cancel', keep);
      token = field.value.trim();
      field.value = '';
      asking = null;
      resolve();
    }, { once: true });
    dialog.showModal();
    field.focus();
  });
  return asking;
}
