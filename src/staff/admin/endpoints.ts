/** The endpoints of the admin side, by what follows `/admin/`. */
import type { Endpoint } from '../app/endpoint.ts'
import { caseDetail } from '../app/endpoints/case-detail.ts'
import { assignCoordinator } from './endpoints/assign-coordinator.ts'
import { assignDoctors } from './endpoints/assign-doctors.ts'
import { caseActivity } from './endpoints/case-activity.ts'
import { diseaseCategories, saveDiseaseCategory } from './endpoints/disease-categories.ts'
import { fileReport } from './endpoints/file-report.ts'
import { listCases } from './endpoints/list-cases.ts'
import { rejectCase } from './endpoints/reject-case.ts'
import { requestDocuments } from './endpoints/request-documents.ts'
import { reviewTypes, saveReviewType } from './endpoints/review-types.ts'

export const adminEndpoints: Readonly<Record<string, Endpoint>> = {
  'assign-coordinator': assignCoordinator,
  'reject-case': rejectCase,
  'assign-doctors': assignDoctors,
  'request-documents': requestDocuments,
  'file-report': fileReport,
  'list-cases': listCases,
  'case-detail': caseDetail,
  'case-activity': caseActivity,
  'review-types': reviewTypes,
  'save-review-type': saveReviewType,
  'disease-categories': diseaseCategories,
  'save-disease-category': saveDiseaseCategory,
}
