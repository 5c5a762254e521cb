/** Rows for the measuring programs: many of them, each a little different. */
export type Columns = Record<string, unknown>

export const TENANT = '0b0e6a54-6c0b-4f0e-9c53-2f5a5a0f0a01'

/** A uuid of a number, so that runs are the same. */
export function uuidOf(kind: number, index: number): string {
  return `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`
}

export function qivrTenant(): Columns {
  return { id: TENANT, name: 'Bench Clinic', slug: 'bench', is_active: true, settings: {} }
}

/** One row with every measurement: seven Observations. */
export function qivrVitals(index: number): Columns {
  return {
    id: uuidOf(1, index),
    tenant_id: TENANT,
    patient_id: uuidOf(2, index % 500),
    recorded_at: new Date(Date.UTC(2025, index % 12, 1 + (index % 28), index % 24, index % 60)),
    systolic: 100 + (index % 60),
    diastolic: 60 + (index % 40),
    heart_rate: 55 + (index % 60),
    temperature_celsius: 36 + (index % 30) / 10,
    respiratory_rate: 12 + (index % 10),
    oxygen_saturation: 92 + (index % 8),
    weight_kilograms: 50 + (index % 500) / 10,
    height_centimetres: 150 + (index % 50),
    created_at: new Date(Date.UTC(2025, 0, 1)),
    updated_at: new Date(Date.UTC(2025, 0, 1)),
  }
}

export function hmsUser(index: number): Columns {
  return {
    id: uuidOf(3, index),
    userId: `USR-${index}`,
    email: `person${index}@example.org`,
    firstName: `Given${index % 997}`,
    lastName: `Family${index % 1009}`,
    phoneNumber: `+1 555 ${String(index).padStart(7, '0')}`,
    gender: index % 2 ? 'female' : 'male',
    dateOfBirth: `19${String(index % 80).padStart(2, '0')}-0${1 + (index % 9)}-11`,
    address: `${index} Long Road`,
    city: 'Springfield',
    state: 'NT',
    country: 'US',
    postalCode: String(10000 + (index % 9999)),
    roles: ['patient'],
    isDeleted: false,
    createdAt: '2025-01-01 00:00:00',
    updatedAt: '2025-01-01 00:00:00',
  }
}

export function hmsPatient(index: number): Columns {
  return {
    id: uuidOf(4, index),
    userId: uuidOf(3, index),
    patientId: `PAT-${String(index).padStart(6, '0')}`,
    maritalStatus: 'single',
    emergencyContactName: `Contact ${index}`,
    emergencyContactPhone: '+1 555 0000000',
    emergencyContactRelation: 'mother',
    occupation: 'Baker',
    createdAt: '2025-01-01 00:00:00',
    updatedAt: '2025-01-01 00:00:00',
    deletedAt: null,
  }
}
