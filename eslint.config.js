/** Checks of the page's modules and their tests: unused and undefined names, import cycles. */

import js from "@eslint/js";
import { importX } from "eslint-plugin-import-x";
import globals from "globals";

const RULES = {
  ...js.configs.recommended.rules,
  eqeqeq: "error",
  "no-console": "error",
  "no-unused-vars": ["error", { ignoreRestSiblings: true }], // a field taken out of an object
  "no-var": "error",
  "prefer-const": ["error", { ignoreReadBeforeAssign: true }],
  "import-x/export": "error",
  "import-x/named": "error",
  "import-x/namespace": "error",
  "import-x/no-cycle": "error",
  "import-x/no-default-export": "error",
  "import-x/no-duplicates": "error",
  "import-x/no-self-import": "error",
  "import-x/no-unresolved": "error",
};

const shared = {
  plugins: { "import-x": importX },
  languageOptions: { ecmaVersion: 2024, sourceType: "module" },
  linterOptions: { reportUnusedDisableDirectives: "error" },
};

// eslint-disable-next-line import-x/no-default-export -- ESLint reads it from there
export default [
  {
    ...shared,
    files: ["static/js/**/*.js", "sam2_session/notebook/*.js"],
    languageOptions: { ...shared.languageOptions, globals: globals.browser },
    rules: RULES,
  },
  {
    ...shared,
    files: ["tests/js/**/*.js", "eslint.config.js"],
    languageOptions: { ...shared.languageOptions, globals: globals.node },
    rules: RULES,
  },
];
