/** The endpoints of the app, by what follows `/app/`. */
import type { Endpoint } from './endpoint.ts'
import { addMedicalDocuments } from './endpoints/add-medical-documents.ts'
import { caseDetail } from './endpoints/case-detail.ts'
import { diseaseCategories } from './endpoints/disease-categories.ts'
import { how } from './endpoints/how.ts'
import { myCases } from './endpoints/my-cases.ts'
import { processDraftNotifications } from './endpoints/process-draft-notifications.ts'
import { reviewTypes } from './endpoints/review-types.ts'
import { saveCase } from './endpoints/save-case.ts'
import { updateCase } from './endpoints/update-case.ts'

export const appEndpoints: Readonly<Record<string, Endpoint>> = {
  how,
  'review-types': reviewTypes,
  'disease-categories': diseaseCategories,
  'save-case': saveCase,
  'update-case': updateCase,
  'my-cases': myCases,
  'add-medical-documents': addMedicalDocuments,
  'case-detail': caseDetail,
  'process-draft-notifications': processDraftNotifications,
}
