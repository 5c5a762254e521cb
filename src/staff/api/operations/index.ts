/** Every operation of the staff API by its operationId in openapi.yaml: a new one is a file, its line here and its lines there. */
import type { ApiOperation } from '../operation.ts'
import { disableAccount, enableAccount, getAccount, inviteAccount, listAccounts, setAccountRoles } from './accounts.ts'
import {
  addAppSecret,
  approveApp,
  getApp,
  listApps,
  refuseApp,
  revokeApp,
  setAppRedirects,
  suspendApp,
} from './apps.ts'
import { eraseOne, listErasures } from './erasures.ts'
import { eraseDueRecords, listDueRecords } from './retention.ts'
import { liftHold, listHolds, placeHold } from './holds.ts'
import { changeRole, createRole, listPermissions, listRoles } from './roles.ts'
import { askSpecialists, assignCoordinator, fileCaseReport, rejectCase, requestCaseDocuments } from './cases/acts.ts'
import { getCase } from './cases/detail.ts'
import { getCaseBoard, listCases } from './cases/list.ts'
import { getConsent, listConsents, withdrawConsent } from './clinical/consents.ts'
import { getDocumentFile } from './clinical/document-file.ts'
import { getDocument, listDocuments } from './clinical/documents.ts'
import { getLabOrder, listLabOrders } from './clinical/lab-orders.ts'
import { getLabResult, listLabResults } from './clinical/lab-results.ts'
import { getMessage, listMessages, sendMessage } from './clinical/messages.ts'
import { getNotification, listNotifications } from './clinical/notifications.ts'
import { getPrescription, listPrescriptions } from './clinical/prescriptions.ts'
import { bookAppointment } from './appointments/book.ts'
import { findFreeTimes } from './appointments/free-times.ts'
import { getAppointment, listAppointments } from './appointments/list.ts'
import { rescheduleAppointment } from './appointments/reschedule.ts'
import { cancelAppointment, completeAppointment, confirmAppointment, missAppointment } from './appointments/steps.ts'
import { linkPeople, listLinks, unlinkPeople } from './people/links.ts'
import { listPeople } from './people/list.ts'
import { suggestLinks } from './people/suggestions.ts'
import { getPerson, getPractitioner } from './people/summary.ts'
import { getSession } from './session.ts'
import { searchAudit, verifyAudit } from './upkeep/audit.ts'
import { cancelJob, getJob, listJobs } from './upkeep/jobs.ts'
import { getLineage } from './upkeep/lineage.ts'
import { listProblems, retryProblems } from './upkeep/problems.ts'
import { getSettings, setSettings } from './settings.ts'
import { addToWaitlist, findWaitlistMatches, listWaitlist, removeFromWaitlist } from './waitlist/list.ts'
import { acceptOffer, declineOffer, offerToWaiting } from './waitlist/offer.ts'

export const operations: Readonly<Record<string, ApiOperation>> = {
  getSession,
  ...{ listAccounts, getAccount, inviteAccount, setAccountRoles, disableAccount, enableAccount },
  ...{ listRoles, createRole, changeRole, listPermissions },
  ...{ listApps, getApp, approveApp, refuseApp, suspendApp, setAppRedirects, addAppSecret, revokeApp },
  ...{ listPrescriptions, getPrescription, listLabOrders, getLabOrder, listLabResults, getLabResult },
  ...{ listMessages, getMessage, sendMessage, listDocuments, getDocument, getDocumentFile },
  ...{ listConsents, getConsent, withdrawConsent, listNotifications, getNotification },
  ...{ listAppointments, getAppointment, findFreeTimes, bookAppointment, rescheduleAppointment },
  ...{ confirmAppointment, cancelAppointment, missAppointment, completeAppointment },
  ...{ listWaitlist, addToWaitlist, removeFromWaitlist, findWaitlistMatches },
  ...{ offerToWaiting, acceptOffer, declineOffer },
  ...{ listPeople, getPerson, getPractitioner, listLinks, linkPeople, unlinkPeople, suggestLinks },
  ...{ listCases, getCaseBoard, getCase },
  ...{ assignCoordinator, rejectCase, askSpecialists, requestCaseDocuments, fileCaseReport },
  ...{ getSettings, setSettings },
  ...{ listProblems, retryProblems, getLineage, searchAudit, verifyAudit, listJobs, getJob, cancelJob },
  ...{ eraseOne, listErasures, listDueRecords, eraseDueRecords, listHolds, placeHold, liftHold },
}
