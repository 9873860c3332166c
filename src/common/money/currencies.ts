/**
 * The currencies and funds of ISO 4217 that have a minor unit, by the number of decimal places of that unit.
 *
 * Source: ISO 4217 list one of 2024-06-25 (SIX Group, maintenance agency) with the amendments 176 to 180, so as of
 * 2026-01-01: ANG became XCG, CUC and BGN were withdrawn, XAD was added. Metals, bond market units and the codes for tests
 * and for no currency have no minor unit: nothing is priced in them. The package `currency-codes` stops at 2024-06-25.
 */
const CODES_BY_DECIMALS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP
    COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD
    KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK
    NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
    TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const DECIMALS = new Map(
  Object.entries(CODES_BY_DECIMALS).flatMap(([decimals, codes]) =>
    codes.split(/\s+/).map((code) => [code, Number(decimals)] as const),
  ),
);

/** The codes of all of them. */
export const CURRENCIES: readonly string[] = [...DECIMALS.keys()];

/** Whether a value is the code of a currency, in capital letters. */
export const isCurrency = (value: unknown): boolean => typeof value === 'string' && DECIMALS.has(value);

/** How many decimal places the minor unit of a currency has: 2 of GBP, 0 of JPY; undefined for what is not a currency. */
export const decimalsOf = (currency: unknown): number | undefined =>
  typeof currency === 'string' ? DECIMALS.get(currency) : undefined;
