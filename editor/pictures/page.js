import * as monaco from "monaco-editor";
import { configureMonacoYaml } from "monaco-yaml";

window.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(label === "yaml" ? "yaml.worker.js" : "editor.worker.js"),
};
// What the page shows is given by the script that takes the picture.
window.show = (schema, text) => {
  // A page reads no file: it is handed the schema that the first line of the text names.
  const uri = "file:///.pokazatel/schema.json";
  configureMonacoYaml(monaco, { schemas: [{ uri, fileMatch: ["*"], schema }] });
  const model = monaco.editor.createModel(text, "yaml", monaco.Uri.parse("file:///indicators.yaml"));
  window.editor = monaco.editor.create(document.getElementById("editor"), {
    model,
    fontSize: 14,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    wordWrap: "off",
    wordBasedSuggestions: "off",
    unicodeHighlight: { ambiguousCharacters: false },
    hover: { delay: 0 },
    suggest: { preview: false },
    quickSuggestions: { strings: true, other: true, comments: false },
  });
};
window.ask = (lineNumber, column, action) => {
  window.editor.setPosition({ lineNumber, column });
  window.editor.focus();
  window.editor.trigger("", action, { focus: false });
};
