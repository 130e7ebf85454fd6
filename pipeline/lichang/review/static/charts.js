// Draws the overview's plots. Expressions are interpreted, not compiled, so that no policy has to allow eval.
(() => {
  const draw = async (place) => {
    const spec = vegaLite.compile(JSON.parse(place.dataset.spec)).spec;
    const runtime = vega.parse(spec, null, { ast: true });
    const view = new vega.View(runtime, { expr: window.vegaInterpreter, renderer: "canvas", container: place });
    await view.runAsync();
    place.dataset.drawn = "yes";
  };
  document.querySelectorAll(".vega").forEach(draw);
})();
