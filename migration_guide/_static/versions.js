// A list of the versions that are published beside this one. The list is in a file above all of
// them, so the pages of an old version know the versions that came later.
(async () => {
  const place = document.querySelector("[data-versions]");
  const here = place.dataset;
  const response = await fetch(here.versions);
  const versions = await response.json();
  const current = versions.find((version) => version.name === here.version);
  if (!current || versions.length < 2) {
    return;
  }
  const choice = document.createElement("select");
  choice.setAttribute("aria-label", "Version");
  choice.style.cssText = "font: inherit; color: inherit; background: inherit; padding: 0.2rem; max-width: 100%";
  for (const version of versions) {
    choice.add(new Option(version.name, version.name, false, version === current));
  }
  choice.addEventListener("change", () => {
    const chosen = versions.find((version) => version.name === choice.value);
    const page = chosen.pages.includes(here.page) ? here.page : "index.html";
    location.href = `${here.root}../${chosen.name}/${page}`;
  });
  place.append(choice);
  if (versions[0] !== current) {
    const newest = document.createElement("p");
    newest.className = "newer-version";
    newest.textContent = `There is a newer version: ${versions[0].name}`;
    place.append(newest);
  }
})();
