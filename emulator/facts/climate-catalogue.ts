/**
 * Invented suppliers and products in Stripe's shape; ids are readable strings as Stripe's are. [openapi]
 * The first price is that of Stripe's sample order: 0.01 t for 550 + 17. [docs: Create an order]
 */

export interface CatalogueSupplier {
  readonly id: string;
  readonly name: string;
  readonly info_url: string;
  readonly locations: readonly {
    readonly city: string | null;
    readonly country: string;
    readonly latitude: number | null;
    readonly longitude: number | null;
    readonly region: string | null;
  }[];
  readonly removal_pathway: string;
}

export interface CataloguePrice {
  readonly amount_fees: number;
  readonly amount_subtotal: number;
  readonly amount_total: number;
}

export interface CatalogueProduct {
  readonly id: string;
  readonly name: string;
  readonly delivery_year: number | null;
  readonly metric_tons_available: string;
  /** Ids of its suppliers. */
  readonly suppliers: readonly string[];
  readonly current_prices_per_metric_ton: Readonly<Record<string, CataloguePrice>>;
}

/** Oldest first. */
export const catalogueSuppliers: readonly CatalogueSupplier[] = [
  {
    id: "climsup_basalt_fields",
    name: "Basalt Fields",
    info_url: "https://example.com/basalt-fields",
    locations: [{ city: "Lafayette", country: "US", latitude: 30.22, longitude: -92.02, region: "LA" }],
    removal_pathway: "enhanced_weathering",
  },
  {
    id: "climsup_north_air",
    name: "North Air",
    info_url: "https://example.com/north-air",
    locations: [{ city: null, country: "IS", latitude: null, longitude: null, region: null }],
    removal_pathway: "direct_air_capture",
  },
  {
    id: "climsup_kelp_line",
    name: "Kelp Line",
    info_url: "https://example.com/kelp-line",
    locations: [
      { city: "Halifax", country: "CA", latitude: 44.65, longitude: -63.57, region: "NS" },
      { city: "Stavanger", country: "NO", latitude: 58.97, longitude: 5.73, region: null },
    ],
    removal_pathway: "marine_carbon_removal",
  },
  {
    id: "climsup_char_works",
    name: "Char Works",
    info_url: "https://example.com/char-works",
    locations: [{ city: "Freiburg", country: "DE", latitude: 48, longitude: 7.85, region: "BW" }],
    removal_pathway: "biomass_carbon_removal_and_storage",
  },
];

/** Oldest first. */
export const catalogueProducts: readonly CatalogueProduct[] = [
  {
    // Ready now, without a year of its own.
    id: "climsku_biochar_spot",
    name: "Biochar, ready for delivery",
    delivery_year: null,
    metric_tons_available: "12.5",
    suppliers: ["climsup_char_works"],
    current_prices_per_metric_ton: { usd: price(18_000, 540), eur: price(16_600, 498) },
  },
  {
    // A past year: spot inventory, delivered within 30 days. [openapi]
    id: "climsku_weathering_2024",
    name: "Enhanced weathering 2024",
    delivery_year: 2024,
    metric_tons_available: "0.75",
    suppliers: ["climsup_basalt_fields"],
    current_prices_per_metric_ton: { usd: price(32_000, 960) },
  },
  {
    id: "climsku_direct_air_2030",
    name: "Direct air capture 2030",
    delivery_year: 2030,
    metric_tons_available: "4000",
    suppliers: ["climsup_north_air"],
    current_prices_per_metric_ton: {
      usd: price(90_001, 2_701),
      eur: price(83_333, 2_500),
      jpy: price(134_500, 4_035),
    },
  },
  {
    id: "climsku_offtake_portfolio_2029",
    name: "Offtake portfolio 2029",
    delivery_year: 2029,
    metric_tons_available: "300000",
    suppliers: ["climsup_basalt_fields", "climsup_north_air", "climsup_kelp_line"],
    current_prices_per_metric_ton: { usd: price(55_000, 1_650), eur: price(51_000, 1_530), gbp: price(43_500, 1_305) },
  },
];

function price(subtotal: number, fees: number): CataloguePrice {
  return { amount_fees: fees, amount_subtotal: subtotal, amount_total: subtotal + fees };
}
