/** What a summary says of itself, in the languages it is written in. Words of the data stay as they are. */
import type { Language } from '../document/narrative.ts'
import type { SectionKey } from './sections.ts'

interface Words {
  readonly title: string
  readonly columns: readonly [string, string, string]
  readonly made: string
  readonly sections: Readonly<Record<SectionKey, string>>
  /** of the required sections */
  readonly absent: Readonly<Record<'allergies' | 'problems' | 'medications', string>>
  /** of problems, where there are diagnoses of which nobody says whether they last */
  readonly seeDiagnoses: string
}

export const words: Readonly<Record<Language, Words>> = {
  en: {
    title: 'International Patient Summary',
    columns: ['What', 'Details', 'Time'],
    made: 'Made by the Isthmus gateway, by rules, of what is stored.',
    sections: {
      allergies: 'Allergies and Intolerances',
      problems: 'Problem List',
      medications: 'Medication Summary',
      immunizations: 'Immunizations',
      results: 'Diagnostic Results',
      procedures: 'History of Procedures',
      devices: 'Medical Devices',
      vitalSigns: 'Vital Signs',
      pastIllness: 'History of Past Illness',
      pregnancy: 'Pregnancy',
      socialHistory: 'Social History',
      plan: 'Plan of Care',
      directives: 'Advance Directives',
      diagnoses: 'Diagnoses without a recorded status',
    },
    absent: {
      allergies: 'There is no information about allergies.',
      problems: 'There is no information about current problems.',
      medications: 'There is no information about current medications.',
    },
    seeDiagnoses: 'Diagnoses of which it is not recorded whether they last stand in a section of their own.',
  },
  ar: {
    title: 'الملخص الدولي للمريض',
    columns: ['البيان', 'التفاصيل', 'التاريخ'],
    made: 'أعدّته بوابة Isthmus آليًا من البيانات المخزّنة.',
    sections: {
      allergies: 'الحساسية وعدم التحمّل',
      problems: 'قائمة المشكلات الصحية',
      medications: 'ملخص الأدوية',
      immunizations: 'التطعيمات',
      results: 'نتائج الفحوصات',
      procedures: 'الإجراءات السابقة',
      devices: 'الأجهزة الطبية',
      vitalSigns: 'العلامات الحيوية',
      pastIllness: 'الأمراض السابقة',
      pregnancy: 'الحمل',
      socialHistory: 'التاريخ الاجتماعي',
      plan: 'خطة الرعاية',
      directives: 'التوجيهات المسبقة',
      diagnoses: 'تشخيصات دون حالة مسجّلة',
    },
    absent: {
      allergies: 'لا توجد معلومات عن الحساسية.',
      problems: 'لا توجد معلومات عن المشكلات الصحية الحالية.',
      medications: 'لا توجد معلومات عن الأدوية الحالية.',
    },
    seeDiagnoses: 'التشخيصات التي لم يُسجَّل استمرارها واردة في قسم مستقل.',
  },
}
