/** Renders templates in one of two languages. Text that only TypeScript gets is between the signs OPEN and CLOSE. */
export const LANGUAGES = ['typescript', 'javascript'] as const;
export type Language = (typeof LANGUAGES)[number];

const TYPES = /⟦([^⟦⟧]*)⟧/g;

/** @param template TypeScript, with its types marked */
export function render(template: string, language: Language): string {
  return template.replace(TYPES, language === 'typescript' ? '$1' : '');
}

export const extensionOf = (language: Language): 'ts' | 'js' => (language === 'typescript' ? 'ts' : 'js');
