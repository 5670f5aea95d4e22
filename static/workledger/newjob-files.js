// File fields: several files by choice or drop, uploaded at once with a progress bar; the form then holds their ids.
(() => {
  const UNITS = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]];

  function sizeText(bytes) {
    for (const [unit, name] of UNITS) {
      if (bytes >= unit) return `${(bytes / unit).toFixed(1).replace(/\.0$/, "")} ${name}`;
    }
    return `${bytes} bytes`;
  }

  function setUp(form, drop) {
    const field = drop.closest("[data-field]");
    const input = drop.querySelector('input[type="file"]');
    const list = drop.querySelector("[data-files]");
    const status = drop.querySelector("[data-file-status]");
    const several = "several" in drop.dataset;
    const words = newjob.words(form);
    const most = Number(input.dataset.maxBytes || 0);

    function changed() {
      form.dispatchEvent(new Event("input", { bubbles: true })); // conditions may ask for files
    }

    function remove(row) {
      const name = row.querySelector("[data-file-name]").textContent;
      row.abort?.();
      row.remove();
      newjob.setErrors(field, []);
      status.textContent = `${words.removed} ${name}`;
      input.focus();
      changed();
    }

    function makeRow(file) {
      const row = form.querySelector("template[data-file-row]").content.firstElementChild.cloneNode(true);
      for (const name of row.querySelectorAll("[data-file-name]")) name.textContent = file.name;
      row.querySelector("[data-file-size]").textContent = sizeText(file.size);
      const box = row.querySelector("[data-file]");
      box.name = field.id;
      box.disabled = true;
      list.append(row);
      return row;
    }

    function upload(file) {
      if (most && file.size > most) {
        newjob.setErrors(field, [`${file.name}: ${words.tooLarge} ${sizeText(most)}.`]);
        return Promise.resolve();
      }
      const row = makeRow(file);
      wire(row);
      const bar = row.querySelector("progress");
      bar.hidden = false;
      row.dataset.uploading = "";
      status.textContent = `${words.uploading} ${file.name}`;
      return send(file, bar, row).then((answer) => {
        delete row.dataset.uploading;
        if (answer.aborted) return;
        if (answer.errors) {
          row.remove();
          newjob.setErrors(field, answer.errors.map((each) => `${file.name}: ${each}`));
          return;
        }
        if (!several) for (const other of [...list.children]) if (other !== row) other.remove();
        bar.hidden = true;
        const box = row.querySelector("[data-file]");
        box.value = answer.id;
        box.disabled = false;
        box.checked = true;
        for (const name of row.querySelectorAll("[data-file-name]")) name.textContent = answer.name;
        status.textContent = `${words.uploaded} ${answer.name}`;
        changed();
      });
    }

    function send(file, bar, row) {
      return new Promise((resolve) => {
        const request = new XMLHttpRequest();
        row.abort = () => request.abort();
        request.upload.addEventListener("progress", (event) => {
          if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
        });
        request.addEventListener("abort", () => resolve({ aborted: true }));
        request.addEventListener("error", () => resolve({ errors: [words.failed] }));
        request.addEventListener("load", () => {
          if (request.status === 201) resolve(JSON.parse(request.responseText));
          else if (request.status === 401) resolve({ errors: [words.signedOut] });
          else resolve({ errors: newjob.sentences(request.responseText, words.failed) });
        });
        request.open("POST", newjob.address(form, form.dataset.fileUrl, field.dataset.field));
        for (const [name, value] of Object.entries(newjob.headers())) request.setRequestHeader(name, value);
        const body = new FormData();
        body.append("file", file);
        request.send(body);
      });
    }

    async function take(files) {
      newjob.setErrors(field, []);
      for (const file of several ? files : files.slice(-1)) await upload(file);
    }

    function wire(row) {
      const button = row.querySelector("[data-file-remove]");
      button.hidden = false;
      button.addEventListener("click", () => remove(row));
    }

    for (const row of list.children) wire(row);
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = ""; // they go by themselves, not with the form
      take(files);
    });
    drop.addEventListener("dragover", (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      drop.classList.add("is-over");
    });
    drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("is-over");
      take([...event.dataTransfer.files]);
    });
  }

  document.addEventListener("newjob:ready", (event) => {
    for (const drop of event.target.querySelectorAll("[data-drop]")) setUp(event.target, drop);
  });
})();
