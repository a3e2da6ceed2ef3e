// Makes the browser create or use a passkey, and sends the result with the form.
const form = document.querySelector('form[data-passkey]');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { parseCreationOptionsFromJSON: made, parseRequestOptionsFromJSON: shown } = PublicKeyCredential;
  const options = JSON.parse(form.dataset.options);
  try {
    const credential =
      form.dataset.passkey === 'make'
        ? await navigator.credentials.create({ publicKey: made.call(PublicKeyCredential, options) })
        : await navigator.credentials.get({ publicKey: shown.call(PublicKeyCredential, options) });
    form.elements.answer.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch {
    document.getElementById('failed').hidden = false;
  }
});
