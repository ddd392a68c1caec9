import js from "@eslint/js"
import { defineConfig } from "eslint/config"
import tseslint from "typescript-eslint"

// No comment can switch a rule off or silence another tool: what is allowed stands here.
export default defineConfig(
  { ignores: ["**/dist/", "**/.docgen/", "examples/.docs/", "site/"] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: "error" } },
  {
    files: ["packages/*/{src,test,dtslint}/**/*.ts", "examples/**/*.ts", "bench/src/**/*.ts"],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration, ExportSpecifier[exported.name=default]", message: "Export it by name." }
      ],
      "no-warning-comments": ["error", { terms: ["@effect-diagnostics", "prettier-ignore"], location: "anywhere" }],
      "@typescript-eslint/ban-ts-comment": [
        "error",
        { "ts-expect-error": true, "ts-ignore": true, "ts-nocheck": true, "ts-check": true }
      ],
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_$" }],

      // What Effect's own style asks for: the types of a service in a namespace, `void` as a success, `{}` as the fields
      // of a tagged enum, statics that do without `this`, and `() => resume(…)`.
      "@typescript-eslint/no-namespace": ["error", { allowDeclarations: true }],
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/no-empty-object-type": ["error", { allowObjectTypes: "always" }],
      "@typescript-eslint/unbound-method": ["error", { ignoreStatic: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // A loop in a generator ends from the inside.
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" }
      ],
      // Numbers read well in a text; the rest is as strict as the preset has it.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        {
          allowNumber: true,
          allowAny: false,
          allowBoolean: false,
          allowNever: false,
          allowNullish: false,
          allowRegExp: false
        }
      ]
    }
  },
  {
    files: ["**/*.{js,mjs}"],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: {
        console: "readonly",
        fetch: "readonly",
        process: "readonly",
        Request: "readonly",
        URL: "readonly",
        URLSearchParams: "readonly"
      }
    }
  },
  {
    files: ["examples/web/page.js"],
    languageOptions: {
      globals: Object.fromEntries(
        ["document", "location", "performance", "setInterval", "setTimeout"].map((name) => [name, "readonly"])
      )
    }
  },
  {
    files: ["packages/*/src/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          paths: ["effect", "@effect/platform", "@plex-auth/core"].map((name) => ({
            name,
            message: `Import the module, as in "effect/Effect": through the index, bundles grow and programs start later.`
          })),
          patterns: [{ regex: "^(node|bun|deno):", message: "Sources run on every platform." }]
        }
      ]
    }
  },
  {
    // Type tests declare values for their types alone; tsc sees to the rest.
    files: ["packages/*/dtslint/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-vars": "off" }
  },
  {
    // Tests hand over untyped input (out of JSON.parse), take schema classes apart, and print what must not leak.
    files: ["packages/*/test/**/*.ts", "examples/test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-misused-spread": "off",
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/restrict-template-expressions": "off"
    }
  }
)
