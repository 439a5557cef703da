CREATE TABLE exceptions (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	kind VARCHAR(32) NOT NULL,
	person_id BLOB,
	device_id BLOB,
	stream_id BLOB,
	subject_id BLOB,
	reason VARCHAR(64) NOT NULL,
	happened_at BIGINT NOT NULL,
	size BIGINT NOT NULL,
	amount_minor BIGINT NOT NULL,
	came_right BIGINT NOT NULL,
	details JSON NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_exceptions PRIMARY KEY (organization_id, id)
);

CREATE TABLE settlements (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	exception_id BLOB NOT NULL,
	up_to BIGINT NOT NULL,
	event_at BIGINT,
	note VARCHAR(280) NOT NULL,
	settled_at BIGINT NOT NULL,
	settled_by BLOB,
	settled_by_name VARCHAR(120) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_settlements PRIMARY KEY (organization_id, id)
);

CREATE TABLE organizations (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	tax_number VARCHAR(32) NOT NULL,
	legal_name VARCHAR(160) NOT NULL,
	country VARCHAR(2) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	language VARCHAR(2) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_organizations PRIMARY KEY (organization_id, id)
);

CREATE TABLE branches (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	address VARCHAR(200) NOT NULL,
	zone VARCHAR(64) NOT NULL,
	cutoff_minutes BIGINT NOT NULL,
	received_within_seconds BIGINT NOT NULL,
	cash_step_minor BIGINT NOT NULL,
	cash_rounding VARCHAR(32) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_branches PRIMARY KEY (organization_id, id)
);

CREATE TABLE reasons (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	kind VARCHAR(32) NOT NULL,
	text VARCHAR(120) NOT NULL,
	names JSON NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_reasons PRIMARY KEY (organization_id, id)
);

CREATE TABLE staff (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	role VARCHAR(32) NOT NULL,
	own_role_id BLOB,
	pin_hash VARCHAR(200) NOT NULL,
	pin_hint VARCHAR(2) NOT NULL,
	pin_said VARCHAR(60) NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_staff PRIMARY KEY (organization_id, id)
);

CREATE TABLE own_roles (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(60) NOT NULL,
	job VARCHAR(32) NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_own_roles PRIMARY KEY (organization_id, id)
);

CREATE TABLE role_rights (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	job VARCHAR(32) NOT NULL,
	own_role_id BLOB,
	permission VARCHAR(32) NOT NULL,
	is_given BOOLEAN NOT NULL,
	is_limited BOOLEAN NOT NULL,
	limit_minor BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_role_rights PRIMARY KEY (organization_id, id)
);

CREATE TABLE time_entries (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	person_id BLOB NOT NULL,
	kind VARCHAR(32) NOT NULL,
	at BIGINT NOT NULL,
	typed_at BIGINT NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	corrects_id BLOB,
	reason VARCHAR(120) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_time_entries PRIMARY KEY (organization_id, id)
);

CREATE TABLE person_settings (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	person_id BLOB NOT NULL,
	language VARCHAR(2) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_person_settings PRIMARY KEY (organization_id, id)
);

CREATE TABLE approvals (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	permission VARCHAR(40) NOT NULL,
	amount_minor BIGINT NOT NULL,
	approver_id BLOB NOT NULL,
	asker_id BLOB NOT NULL,
	of_table VARCHAR(64) NOT NULL,
	of_row_id BLOB NOT NULL,
	approved_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_approvals PRIMARY KEY (organization_id, id)
);

CREATE TABLE pin_changes (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	person_id BLOB NOT NULL,
	pin VARCHAR(210) NOT NULL,
	knew VARCHAR(60) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_pin_changes PRIMARY KEY (organization_id, id)
);

CREATE TABLE tax_categories (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(60) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_tax_categories PRIMARY KEY (organization_id, id)
);

CREATE TABLE courses (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	number BIGINT NOT NULL,
	name VARCHAR(40) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_courses PRIMARY KEY (organization_id, id)
);

CREATE TABLE categories (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	parent_id BLOB,
	course BIGINT NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_categories PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_categories_organization_id_parent_id FOREIGN KEY(organization_id, parent_id) REFERENCES categories (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE modifier_groups (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	minimum BIGINT NOT NULL,
	maximum BIGINT NOT NULL,
	pricing VARCHAR(32) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_modifier_groups PRIMARY KEY (organization_id, id)
);

CREATE TABLE availability (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	subject_id BLOB NOT NULL,
	is_modifier BOOLEAN NOT NULL,
	name VARCHAR(120) NOT NULL,
	replaces_id BLOB,
	kind VARCHAR(32) NOT NULL,
	pieces_milli BIGINT NOT NULL,
	known_milli BIGINT NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	said_at BIGINT NOT NULL,
	said_by VARCHAR(120) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_availability PRIMARY KEY (organization_id, id)
);

CREATE TABLE spaces (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_spaces PRIMARY KEY (organization_id, id)
);

CREATE TABLE safety_points (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	names JSON NOT NULL,
	kind VARCHAR(32) NOT NULL,
	unit VARCHAR(12) NOT NULL,
	low_milli BIGINT,
	high_milli BIGINT,
	times JSON NOT NULL,
	every_minutes BIGINT NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_safety_points PRIMARY KEY (organization_id, id)
);

CREATE TABLE drawers (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	name VARCHAR(40) NOT NULL,
	most_difference_minor BIGINT NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_drawers PRIMARY KEY (organization_id, id)
);

CREATE TABLE dayparts (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(60) NOT NULL,
	items JSON NOT NULL,
	categories JSON NOT NULL,
	only_branch BLOB,
	weekdays JSON NOT NULL,
	starts BIGINT NOT NULL,
	ends BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_dayparts PRIMARY KEY (organization_id, id)
);

CREATE TABLE price_rules (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(60) NOT NULL,
	items JSON NOT NULL,
	categories JSON NOT NULL,
	only_branch BLOB,
	kinds JSON NOT NULL,
	weekdays JSON NOT NULL,
	starts BIGINT NOT NULL,
	ends BIGINT NOT NULL,
	price_minor BIGINT,
	rate_millionths BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_price_rules PRIMARY KEY (organization_id, id)
);

CREATE TABLE forgotten (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	subject_id BLOB NOT NULL,
	forgotten_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_forgotten PRIMARY KEY (organization_id, id)
);

CREATE TABLE stations (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(60) NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_stations PRIMARY KEY (organization_id, id)
);

CREATE TABLE display_trials (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	device_id BLOB NOT NULL,
	asked_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_display_trials PRIMARY KEY (organization_id, id)
);

CREATE TABLE payment_methods (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(40) NOT NULL,
	names JSON NOT NULL,
	kind VARCHAR(32) NOT NULL,
	asks VARCHAR(32) NOT NULL,
	qr_text VARCHAR(500) NOT NULL,
	gives_change BOOLEAN NOT NULL,
	needs_right VARCHAR(40) NOT NULL,
	most_minor BIGINT NOT NULL,
	currency VARCHAR(3) NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_payment_methods PRIMARY KEY (organization_id, id)
);

CREATE TABLE exchange_rates (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	currency VARCHAR(3) NOT NULL,
	day VARCHAR(10) NOT NULL,
	rate_millionths BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_exchange_rates PRIMARY KEY (organization_id, id)
);

CREATE TABLE accounts_receivable (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	subject_id BLOB NOT NULL,
	name BLOB,
	phone BLOB,
	most_minor BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_accounts_receivable PRIMARY KEY (organization_id, id)
);

CREATE TABLE guest_doors (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	door VARCHAR(16) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_guest_doors PRIMARY KEY (organization_id, id)
);

CREATE TABLE guest_settings (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	active BOOLEAN NOT NULL,
	paused BOOLEAN NOT NULL,
	direct BOOLEAN NOT NULL,
	deadline_seconds BIGINT NOT NULL,
	staff_seconds BIGINT NOT NULL,
	idle_minutes BIGINT NOT NULL,
	orders_a_minute BIGINT NOT NULL,
	most_portions BIGINT NOT NULL,
	most_minor BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_guest_settings PRIMARY KEY (organization_id, id)
);

CREATE TABLE guest_orders (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	table_id BLOB NOT NULL,
	table_name VARCHAR(40) NOT NULL,
	subject_id BLOB NOT NULL,
	name BLOB,
	asks VARCHAR(32) NOT NULL,
	placed_at BIGINT NOT NULL,
	deadline_at BIGINT NOT NULL,
	withdrawn BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_guest_orders PRIMARY KEY (organization_id, id)
);

CREATE TABLE guest_links (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	phone_id BLOB NOT NULL,
	admitted_by VARCHAR(120) NOT NULL,
	admitted_at BIGINT NOT NULL,
	"left" BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_guest_links PRIMARY KEY (organization_id, id)
);

CREATE TABLE guest_requests (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB,
	table_id BLOB NOT NULL,
	table_name VARCHAR(40) NOT NULL,
	phone_id BLOB NOT NULL,
	kind VARCHAR(32) NOT NULL,
	asked_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_guest_requests PRIMARY KEY (organization_id, id)
);

CREATE TABLE day_closes (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	last_numbers JSON NOT NULL,
	missed_numbers JSON NOT NULL,
	closed_at BIGINT NOT NULL,
	closed_by BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_day_closes PRIMARY KEY (organization_id, id)
);

CREATE TABLE printers (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	name VARCHAR(24) NOT NULL,
	transport VARCHAR(32) NOT NULL,
	address VARCHAR(200) NOT NULL,
	device_id BLOB,
	columns BIGINT NOT NULL,
	page VARCHAR(16) NOT NULL,
	page_number BIGINT NOT NULL,
	cut VARCHAR(32) NOT NULL,
	feed_lines BIGINT NOT NULL,
	top_lines BIGINT NOT NULL,
	separates VARCHAR(32) NOT NULL,
	drawer_pin BIGINT NOT NULL,
	drawer_device_id BLOB,
	beep VARCHAR(32) NOT NULL,
	qr VARCHAR(32) NOT NULL,
	profile VARCHAR(32) NOT NULL,
	substitute VARCHAR(24) NOT NULL,
	substitute_after BIGINT NOT NULL,
	most_age_seconds BIGINT NOT NULL,
	is_active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_printers PRIMARY KEY (organization_id, id)
);

CREATE TABLE print_requests (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	made_for VARCHAR(24) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	reference BLOB NOT NULL,
	revision BIGINT NOT NULL,
	payload BLOB NOT NULL,
	asked_at BIGINT NOT NULL,
	printer VARCHAR(24) NOT NULL,
	device_id BLOB NOT NULL,
	asked_by BLOB NOT NULL,
	wanted_at BIGINT NOT NULL,
	copies BIGINT NOT NULL,
	state INTEGER NOT NULL,
	fault VARCHAR(32) NOT NULL,
	withdrawn BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_print_requests PRIMARY KEY (organization_id, id)
);

CREATE TABLE print_templates (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	document VARCHAR(24) NOT NULL,
	block VARCHAR(24) NOT NULL,
	text VARCHAR(1000) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_print_templates PRIMARY KEY (organization_id, id)
);

CREATE TABLE print_logos (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	image BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_print_logos PRIMARY KEY (organization_id, id)
);

CREATE TABLE sync_verdicts (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	stream_id BLOB NOT NULL,
	first_seq BIGINT NOT NULL,
	last_seq BIGINT NOT NULL,
	reason VARCHAR(40) NOT NULL,
	params JSON NOT NULL,
	judged_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_sync_verdicts PRIMARY KEY (organization_id, id)
);

CREATE TABLE devices (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB,
	name VARCHAR(120) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	letter VARCHAR(4) NOT NULL,
	public_key VARCHAR(64) NOT NULL,
	revoked BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_devices PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_devices_organization_id_branch_id FOREIGN KEY(organization_id, branch_id) REFERENCES branches (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE staff_assignments (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	staff_id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_staff_assignments PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_staff_assignments_organization_id_staff_id FOREIGN KEY(organization_id, staff_id) REFERENCES staff (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_staff_assignments_organization_id_branch_id FOREIGN KEY(organization_id, branch_id) REFERENCES branches (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE tax_rates (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	tax_category_id BLOB NOT NULL,
	name VARCHAR(40) NOT NULL,
	rate_millionths BIGINT NOT NULL,
	per_unit_minor BIGINT NOT NULL,
	included BOOLEAN NOT NULL,
	valid_from VARCHAR(10),
	valid_until VARCHAR(10),
	stamps BLOB NOT NULL,
	CONSTRAINT pk_tax_rates PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_tax_rates_organization_id_tax_category_id FOREIGN KEY(organization_id, tax_category_id) REFERENCES tax_categories (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE items (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	kitchen_name VARCHAR(60) NOT NULL,
	code VARCHAR(32) NOT NULL,
	barcodes JSON NOT NULL,
	category_id BLOB NOT NULL,
	tax_category_id BLOB NOT NULL,
	station_id BLOB,
	course BIGINT,
	price_minor BIGINT NOT NULL,
	unit VARCHAR(12) NOT NULL,
	open_price BOOLEAN NOT NULL,
	position BIGINT NOT NULL,
	place BIGINT,
	allergens JSON NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_items PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_items_organization_id_category_id FOREIGN KEY(organization_id, category_id) REFERENCES categories (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_items_organization_id_tax_category_id FOREIGN KEY(organization_id, tax_category_id) REFERENCES tax_categories (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_items_organization_id_station_id FOREIGN KEY(organization_id, station_id) REFERENCES stations (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE modifiers (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	group_id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	kitchen_name VARCHAR(60) NOT NULL,
	price_delta_minor BIGINT NOT NULL,
	"default" BOOLEAN NOT NULL,
	opens_id BLOB,
	allergens JSON NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_modifiers PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_modifiers_organization_id_group_id FOREIGN KEY(organization_id, group_id) REFERENCES modifier_groups (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_modifiers_organization_id_opens_id FOREIGN KEY(organization_id, opens_id) REFERENCES modifier_groups (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE branch_items (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	kitchen_name VARCHAR(60) NOT NULL,
	code VARCHAR(32) NOT NULL,
	barcodes JSON NOT NULL,
	category_id BLOB NOT NULL,
	tax_category_id BLOB NOT NULL,
	station_id BLOB,
	course BIGINT,
	price_minor BIGINT NOT NULL,
	unit VARCHAR(12) NOT NULL,
	open_price BOOLEAN NOT NULL,
	position BIGINT NOT NULL,
	place BIGINT,
	allergens JSON NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_branch_items PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_branch_items_organization_id_category_id FOREIGN KEY(organization_id, category_id) REFERENCES categories (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_branch_items_organization_id_tax_category_id FOREIGN KEY(organization_id, tax_category_id) REFERENCES tax_categories (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_branch_items_organization_id_station_id FOREIGN KEY(organization_id, station_id) REFERENCES stations (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE dining_tables (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	space_id BLOB NOT NULL,
	name VARCHAR(40) NOT NULL,
	seats BIGINT NOT NULL,
	position BIGINT NOT NULL,
	place JSON NOT NULL,
	shape VARCHAR(32) NOT NULL,
	out_of_service BOOLEAN NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_dining_tables PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_dining_tables_organization_id_space_id FOREIGN KEY(organization_id, space_id) REFERENCES spaces (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE safety_readings (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	point_id BLOB NOT NULL,
	point_name VARCHAR(120) NOT NULL,
	unit VARCHAR(12) NOT NULL,
	low_milli BIGINT,
	high_milli BIGINT,
	value_milli BIGINT,
	passed BOOLEAN NOT NULL,
	action VARCHAR(280) NOT NULL,
	claimed_at BIGINT NOT NULL,
	typed_at BIGINT NOT NULL,
	person_id BLOB NOT NULL,
	person_name VARCHAR(120) NOT NULL,
	corrects BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_safety_readings PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_safety_readings_organization_id_point_id FOREIGN KEY(organization_id, point_id) REFERENCES safety_points (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE drawer_sessions (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	drawer_id BLOB,
	device_id BLOB NOT NULL,
	opened_at BIGINT NOT NULL,
	opened_by BLOB,
	opened_by_name VARCHAR(120) NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	declared BOOLEAN NOT NULL,
	closed BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_drawer_sessions PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_drawer_sessions_organization_id_drawer_id FOREIGN KEY(organization_id, drawer_id) REFERENCES drawers (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE orders (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	number VARCHAR(16) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	table_id BLOB,
	table_name VARCHAR(40) NOT NULL,
	guests BIGINT NOT NULL,
	notes VARCHAR(280) NOT NULL,
	promised_at BIGINT,
	currency VARCHAR(3) NOT NULL,
	opened_at BIGINT NOT NULL,
	opened_by BLOB,
	server_id BLOB,
	server_name VARCHAR(120) NOT NULL,
	joined_to_id BLOB,
	party_id BLOB,
	beside JSON NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	source VARCHAR(32) NOT NULL,
	guest_order_id BLOB,
	has_left BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_orders PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_orders_organization_id_branch_id FOREIGN KEY(organization_id, branch_id) REFERENCES branches (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_orders_organization_id_joined_to_id FOREIGN KEY(organization_id, joined_to_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE station_settings (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	station_id BLOB NOT NULL,
	thresholds JSON NOT NULL,
	covered_by BLOB,
	prepare_minutes BIGINT,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_station_settings PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_station_settings_organization_id_station_id FOREIGN KEY(organization_id, station_id) REFERENCES stations (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE routes (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	category_id BLOB,
	item_id BLOB,
	course BIGINT,
	kind VARCHAR(16) NOT NULL,
	station_id BLOB NOT NULL,
	also_at JSON NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_routes PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_routes_organization_id_category_id FOREIGN KEY(organization_id, category_id) REFERENCES categories (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_routes_organization_id_station_id FOREIGN KEY(organization_id, station_id) REFERENCES stations (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE display_answers (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	trial_id BLOB NOT NULL,
	device_id BLOB NOT NULL,
	station_id BLOB,
	tickets BIGINT NOT NULL,
	answered_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_display_answers PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_display_answers_organization_id_trial_id FOREIGN KEY(organization_id, trial_id) REFERENCES display_trials (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE service_rules (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB,
	name VARCHAR(40) NOT NULL,
	rate_millionths BIGINT NOT NULL,
	taxed BOOLEAN NOT NULL,
	kinds JSON NOT NULL,
	least_guests BIGINT NOT NULL,
	automatic BOOLEAN NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_service_rules PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_service_rules_organization_id_branch_id FOREIGN KEY(organization_id, branch_id) REFERENCES branches (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE account_payments (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	account_id BLOB NOT NULL,
	number VARCHAR(21) NOT NULL,
	method_id BLOB NOT NULL,
	method_name VARCHAR(40) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	amount_minor BIGINT NOT NULL,
	rounding_minor BIGINT NOT NULL,
	reference VARCHAR(60) NOT NULL,
	last_four VARCHAR(4) NOT NULL,
	authorization VARCHAR(20) NOT NULL,
	taken_at BIGINT NOT NULL,
	taken_by BLOB,
	session_id BLOB,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_account_payments PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_account_payments_organization_id_account_id FOREIGN KEY(organization_id, account_id) REFERENCES accounts_receivable (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_account_payments_organization_id_method_id FOREIGN KEY(organization_id, method_id) REFERENCES payment_methods (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE guest_order_lines (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	guest_order_id BLOB NOT NULL,
	cart_line_id BLOB NOT NULL,
	unit_price_minor BIGINT NOT NULL,
	quantity_milli BIGINT NOT NULL,
	modifiers JSON NOT NULL,
	notes VARCHAR(280) NOT NULL,
	course BIGINT NOT NULL,
	item_id BLOB NOT NULL,
	item_name VARCHAR(120) NOT NULL,
	kitchen_name VARCHAR(60) NOT NULL,
	category_id BLOB,
	category_name VARCHAR(120) NOT NULL,
	tax_category_id BLOB,
	station_id BLOB,
	unit VARCHAR(12) NOT NULL,
	listed_minor BIGINT,
	combo_id BLOB,
	combo_choice_id BLOB,
	combo_name VARCHAR(120) NOT NULL,
	share_minor BIGINT NOT NULL,
	price_rule_id BLOB,
	price_name VARCHAR(60) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_guest_order_lines PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_guest_order_lines_organization_id_guest_order_id FOREIGN KEY(organization_id, guest_order_id) REFERENCES guest_orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE guest_order_combos (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	guest_order_id BLOB NOT NULL,
	item_id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	price_minor BIGINT NOT NULL,
	extra_minor BIGINT NOT NULL,
	share_minor BIGINT NOT NULL,
	price_rule_id BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_guest_order_combos PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_guest_order_combos_organization_id_guest_order_id FOREIGN KEY(organization_id, guest_order_id) REFERENCES guest_orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE guest_answers (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	guest_order_id BLOB NOT NULL,
	status INTEGER NOT NULL,
	reason VARCHAR(120) NOT NULL,
	answered_by VARCHAR(120) NOT NULL,
	answered_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_guest_answers PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_guest_answers_organization_id_guest_order_id FOREIGN KEY(organization_id, guest_order_id) REFERENCES guest_orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE guest_request_answers (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	request_id BLOB NOT NULL,
	answered_by BLOB,
	answered_by_name VARCHAR(120) NOT NULL,
	answered_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_guest_request_answers PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_guest_request_answers_organization_id_request_id FOREIGN KEY(organization_id, request_id) REFERENCES guest_requests (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE print_rules (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	document VARCHAR(32) NOT NULL,
	station_id BLOB,
	device_id BLOB,
	place BIGINT NOT NULL,
	printer VARCHAR(24) NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_print_rules PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_print_rules_organization_id_station_id FOREIGN KEY(organization_id, station_id) REFERENCES stations (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE item_modifier_groups (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	item_id BLOB NOT NULL,
	group_id BLOB NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_item_modifier_groups PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_item_modifier_groups_organization_id_item_id FOREIGN KEY(organization_id, item_id) REFERENCES items (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_item_modifier_groups_organization_id_group_id FOREIGN KEY(organization_id, group_id) REFERENCES modifier_groups (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE branch_prices (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	item_id BLOB NOT NULL,
	price_minor BIGINT,
	knew VARCHAR(60) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_branch_prices PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_branch_prices_organization_id_item_id FOREIGN KEY(organization_id, item_id) REFERENCES items (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE hidden_items (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	item_id BLOB NOT NULL,
	hidden BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_hidden_items PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_hidden_items_organization_id_item_id FOREIGN KEY(organization_id, item_id) REFERENCES items (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE combo_slots (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	item_id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_combo_slots PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_combo_slots_organization_id_item_id FOREIGN KEY(organization_id, item_id) REFERENCES items (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE sections (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	table_id BLOB NOT NULL,
	person_id BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_sections PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_sections_organization_id_table_id FOREIGN KEY(organization_id, table_id) REFERENCES dining_tables (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE cash_movements (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	session_id BLOB NOT NULL,
	number VARCHAR(21) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	in_minor BIGINT NOT NULL,
	out_minor BIGINT NOT NULL,
	taken_minor BIGINT NOT NULL,
	pieces JSON NOT NULL,
	reason VARCHAR(120) NOT NULL,
	drawer_id BLOB,
	answers_id BLOB,
	moved_at BIGINT NOT NULL,
	moved_by BLOB,
	moved_by_name VARCHAR(120) NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_cash_movements PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_cash_movements_organization_id_session_id FOREIGN KEY(organization_id, session_id) REFERENCES drawer_sessions (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE drawer_openings (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	session_id BLOB,
	of_id BLOB,
	reason VARCHAR(120) NOT NULL,
	opened_at BIGINT NOT NULL,
	opened_by BLOB,
	opened_by_name VARCHAR(120) NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_drawer_openings PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_drawer_openings_organization_id_session_id FOREIGN KEY(organization_id, session_id) REFERENCES drawer_sessions (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE order_contacts (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	subject_id BLOB NOT NULL,
	name BLOB,
	phone BLOB,
	address BLOB,
	document BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_order_contacts PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_order_contacts_organization_id_order_id FOREIGN KEY(organization_id, order_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE order_combos (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	item_id BLOB NOT NULL,
	name VARCHAR(120) NOT NULL,
	price_minor BIGINT NOT NULL,
	extra_minor BIGINT NOT NULL,
	share_minor BIGINT NOT NULL,
	price_rule_id BLOB,
	guest_order_id BLOB,
	added_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_order_combos PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_order_combos_organization_id_order_id FOREIGN KEY(organization_id, order_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE guest_allergies (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	allergen VARCHAR(24) NOT NULL,
	words VARCHAR(60) NOT NULL,
	seat BIGINT NOT NULL,
	said_at BIGINT NOT NULL,
	said_by VARCHAR(120) NOT NULL,
	lifted BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_guest_allergies PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_guest_allergies_organization_id_order_id FOREIGN KEY(organization_id, order_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE order_courses (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	number BIGINT NOT NULL,
	fire_at BIGINT,
	device_id BLOB,
	said_by BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_order_courses PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_order_courses_organization_id_order_id FOREIGN KEY(organization_id, order_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE kitchen_tickets (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	station_id BLOB NOT NULL,
	number VARCHAR(16) NOT NULL,
	part BIGINT NOT NULL,
	course BIGINT NOT NULL,
	kind VARCHAR(32) NOT NULL,
	table_name VARCHAR(40) NOT NULL,
	server_name VARCHAR(120) NOT NULL,
	notes VARCHAR(280) NOT NULL,
	fired_at BIGINT NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	bumped_at BIGINT,
	started BOOLEAN NOT NULL,
	rushed BOOLEAN NOT NULL,
	held BIGINT NOT NULL,
	fired BIGINT NOT NULL,
	moved_to BLOB,
	place JSON NOT NULL,
	guest_order_id BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_kitchen_tickets PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_kitchen_tickets_organization_id_order_id FOREIGN KEY(organization_id, order_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_kitchen_tickets_organization_id_station_id FOREIGN KEY(organization_id, station_id) REFERENCES stations (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_kitchen_tickets_organization_id_moved_to FOREIGN KEY(organization_id, moved_to) REFERENCES stations (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE kitchen_messages (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	station_id BLOB,
	order_id BLOB,
	sender_name VARCHAR(120) NOT NULL,
	text VARCHAR(140) NOT NULL,
	sent_at BIGINT NOT NULL,
	read BOOLEAN NOT NULL,
	read_by VARCHAR(120) NOT NULL,
	read_at BIGINT,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_kitchen_messages PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_kitchen_messages_organization_id_station_id FOREIGN KEY(organization_id, station_id) REFERENCES stations (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_kitchen_messages_organization_id_order_id FOREIGN KEY(organization_id, order_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE checks (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	split_of_id BLOB,
	inherits JSON NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_checks PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_checks_organization_id_order_id FOREIGN KEY(organization_id, order_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE reservations (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	kind VARCHAR(32) NOT NULL,
	subject_id BLOB NOT NULL,
	name BLOB,
	phone BLOB,
	day VARCHAR(10) NOT NULL,
	minute BIGINT NOT NULL,
	guests BIGINT NOT NULL,
	table_id BLOB,
	notes BLOB,
	beside JSON NOT NULL,
	order_id BLOB,
	made_at BIGINT NOT NULL,
	made_by BLOB,
	status INTEGER NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_reservations PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_reservations_organization_id_table_id FOREIGN KEY(organization_id, table_id) REFERENCES dining_tables (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_reservations_organization_id_order_id FOREIGN KEY(organization_id, order_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE table_codes (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	table_id BLOB NOT NULL,
	code VARCHAR(6) NOT NULL,
	made_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_table_codes PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_table_codes_organization_id_table_id FOREIGN KEY(organization_id, table_id) REFERENCES dining_tables (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE counts (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	session_id BLOB NOT NULL,
	round BIGINT NOT NULL,
	method_id BLOB,
	method_name VARCHAR(40) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	pieces JSON NOT NULL,
	total_minor BIGINT NOT NULL,
	expected_minor BIGINT NOT NULL,
	counted_at BIGINT NOT NULL,
	counted_by BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_counts PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_counts_organization_id_session_id FOREIGN KEY(organization_id, session_id) REFERENCES drawer_sessions (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE z_reports (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	session_id BLOB NOT NULL,
	device_id BLOB NOT NULL,
	number VARCHAR(21) NOT NULL,
	drawer_name VARCHAR(40) NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	opened_at BIGINT NOT NULL,
	opened_by_name VARCHAR(120) NOT NULL,
	closed_at BIGINT NOT NULL,
	closed_by BLOB,
	closed_by_name VARCHAR(120) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	receipts BIGINT NOT NULL,
	checks BIGINT NOT NULL,
	first_receipt VARCHAR(24) NOT NULL,
	last_receipt VARCHAR(24) NOT NULL,
	gross_minor BIGINT NOT NULL,
	discount_minor BIGINT NOT NULL,
	service_minor BIGINT NOT NULL,
	net_minor BIGINT NOT NULL,
	tax_minor BIGINT NOT NULL,
	total_minor BIGINT NOT NULL,
	rounding_minor BIGINT NOT NULL,
	comp_minor BIGINT NOT NULL,
	losses BIGINT NOT NULL,
	lost_minor BIGINT NOT NULL,
	refunds BIGINT NOT NULL,
	refunded_minor BIGINT NOT NULL,
	corrected_minor BIGINT NOT NULL,
	openings BIGINT NOT NULL,
	taxes JSON NOT NULL,
	methods JSON NOT NULL,
	movements JSON NOT NULL,
	counted JSON NOT NULL,
	late JSON NOT NULL,
	difference_minor BIGINT NOT NULL,
	reason VARCHAR(120) NOT NULL,
	declared BOOLEAN NOT NULL,
	head_seq BIGINT NOT NULL,
	head_chain VARCHAR(64) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_z_reports PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_z_reports_organization_id_session_id FOREIGN KEY(organization_id, session_id) REFERENCES drawer_sessions (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE combo_choices (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	slot_id BLOB NOT NULL,
	item_id BLOB NOT NULL,
	price_delta_minor BIGINT NOT NULL,
	"default" BOOLEAN NOT NULL,
	position BIGINT NOT NULL,
	active BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_combo_choices PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_combo_choices_organization_id_slot_id FOREIGN KEY(organization_id, slot_id) REFERENCES combo_slots (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_combo_choices_organization_id_item_id FOREIGN KEY(organization_id, item_id) REFERENCES items (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE opening_results (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	opening_id BLOB NOT NULL,
	became VARCHAR(32) NOT NULL,
	fault VARCHAR(32) NOT NULL,
	answered_at BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_opening_results PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_opening_results_organization_id_opening_id FOREIGN KEY(organization_id, opening_id) REFERENCES drawer_openings (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE kitchen_events (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	ticket_id BLOB NOT NULL,
	ticket_line_id BLOB,
	station_id BLOB NOT NULL,
	kind VARCHAR(32) NOT NULL,
	at BIGINT NOT NULL,
	device_id BLOB NOT NULL,
	late_seconds BIGINT,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_kitchen_events PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_kitchen_events_organization_id_ticket_id FOREIGN KEY(organization_id, ticket_id) REFERENCES kitchen_tickets (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_kitchen_events_organization_id_station_id FOREIGN KEY(organization_id, station_id) REFERENCES stations (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE receipts (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	number VARCHAR(21) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	gross_minor BIGINT NOT NULL,
	discount_minor BIGINT NOT NULL,
	service_minor BIGINT NOT NULL,
	net_minor BIGINT NOT NULL,
	tax_minor BIGINT NOT NULL,
	total_minor BIGINT NOT NULL,
	rounding_minor BIGINT NOT NULL,
	change_minor BIGINT NOT NULL,
	taxes JSON NOT NULL,
	counts BLOB NOT NULL,
	settled_at BIGINT NOT NULL,
	settled_by BLOB,
	cashier_name VARCHAR(120) NOT NULL,
	session_id BLOB,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_receipts PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_receipts_organization_id_check_id FOREIGN KEY(organization_id, check_id) REFERENCES checks (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_receipts_organization_id_order_id FOREIGN KEY(organization_id, order_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_receipts_organization_id_session_id FOREIGN KEY(organization_id, session_id) REFERENCES drawer_sessions (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE payments (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	method_id BLOB NOT NULL,
	method_name VARCHAR(40) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	amount_minor BIGINT NOT NULL,
	tendered_minor BIGINT NOT NULL,
	change_minor BIGINT NOT NULL,
	rounding_minor BIGINT NOT NULL,
	reference VARCHAR(60) NOT NULL,
	last_four VARCHAR(4) NOT NULL,
	authorization VARCHAR(20) NOT NULL,
	given_currency VARCHAR(3) NOT NULL,
	given_minor BIGINT NOT NULL,
	rate_millionths BIGINT NOT NULL,
	replaces_id BLOB,
	number VARCHAR(21) NOT NULL,
	taken_at BIGINT NOT NULL,
	taken_by BLOB,
	session_id BLOB,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_payments PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_payments_organization_id_check_id FOREIGN KEY(organization_id, check_id) REFERENCES checks (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_payments_organization_id_method_id FOREIGN KEY(organization_id, method_id) REFERENCES payment_methods (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_payments_organization_id_session_id FOREIGN KEY(organization_id, session_id) REFERENCES drawer_sessions (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE receipt_copies (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	of_id BLOB NOT NULL,
	copy BIGINT NOT NULL,
	printed_at BIGINT NOT NULL,
	printed_by BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_receipt_copies PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_receipt_copies_organization_id_check_id FOREIGN KEY(organization_id, check_id) REFERENCES checks (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE discounts (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	line_id BLOB,
	root_id BLOB,
	kind VARCHAR(32) NOT NULL,
	source VARCHAR(32) NOT NULL,
	rate_millionths BIGINT NOT NULL,
	amount_minor BIGINT NOT NULL,
	worth_minor BIGINT NOT NULL,
	most_minor BIGINT,
	order_id BLOB,
	in_all_minor BIGINT NOT NULL,
	limit_minor BIGINT,
	beside JSON NOT NULL,
	reason VARCHAR(120) NOT NULL,
	given_at BIGINT NOT NULL,
	given_by BLOB,
	seen JSON NOT NULL,
	lifted BOOLEAN NOT NULL,
	lifted_after JSON,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_discounts PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_discounts_organization_id_check_id FOREIGN KEY(organization_id, check_id) REFERENCES checks (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE service_charges (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	order_id BLOB,
	rule_id BLOB,
	name VARCHAR(40) NOT NULL,
	rate_millionths BIGINT NOT NULL,
	taxed BOOLEAN NOT NULL,
	added_at BIGINT NOT NULL,
	added_by BLOB,
	seen JSON NOT NULL,
	lifted BOOLEAN NOT NULL,
	lifted_after JSON,
	waived_minor BIGINT NOT NULL,
	in_all_minor BIGINT NOT NULL,
	alone_minor BIGINT NOT NULL,
	limit_minor BIGINT,
	beside JSON NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_service_charges PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_service_charges_organization_id_check_id FOREIGN KEY(organization_id, check_id) REFERENCES checks (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE refunds (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	number VARCHAR(21) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	paid_minor BIGINT NOT NULL,
	rounding_minor BIGINT NOT NULL,
	total_minor BIGINT NOT NULL,
	order_id BLOB,
	limit_minor BIGINT,
	correction BOOLEAN NOT NULL,
	after_receipt BOOLEAN NOT NULL,
	reason VARCHAR(120) NOT NULL,
	refunded_at BIGINT NOT NULL,
	refunded_by BLOB,
	cashier_name VARCHAR(120) NOT NULL,
	session_id BLOB,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_refunds PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_refunds_organization_id_check_id FOREIGN KEY(organization_id, check_id) REFERENCES checks (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_refunds_organization_id_session_id FOREIGN KEY(organization_id, session_id) REFERENCES drawer_sessions (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE prebills (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	currency VARCHAR(3) NOT NULL,
	total_minor BIGINT NOT NULL,
	asked_at BIGINT NOT NULL,
	asked_by BLOB,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_prebills PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_prebills_organization_id_check_id FOREIGN KEY(organization_id, check_id) REFERENCES checks (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE tips (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	payment_id BLOB,
	person_id BLOB,
	person_name VARCHAR(120) NOT NULL,
	method_id BLOB NOT NULL,
	method_name VARCHAR(40) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	amount_minor BIGINT NOT NULL,
	replaces_id BLOB,
	seen JSON NOT NULL,
	taken_at BIGINT NOT NULL,
	taken_by BLOB,
	session_id BLOB,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	lifted BOOLEAN NOT NULL,
	after_receipt BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_tips PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_tips_organization_id_check_id FOREIGN KEY(organization_id, check_id) REFERENCES checks (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_tips_organization_id_method_id FOREIGN KEY(organization_id, method_id) REFERENCES payment_methods (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE order_lines (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	root_id BLOB NOT NULL,
	part_of_id BLOB,
	author BLOB NOT NULL,
	check_id BLOB NOT NULL,
	gathered_from_id BLOB,
	unit_price_minor BIGINT,
	quantity_milli BIGINT NOT NULL,
	more_milli BIGINT NOT NULL,
	taken_milli BIGINT NOT NULL,
	taken_fine BIGINT NOT NULL,
	modifiers JSON,
	notes VARCHAR(280),
	seat BIGINT,
	course BIGINT NOT NULL,
	held BIGINT NOT NULL,
	fired BIGINT NOT NULL,
	guest_order_id BLOB,
	added_at BIGINT NOT NULL,
	item_id BLOB NOT NULL,
	item_name VARCHAR(120) NOT NULL,
	kitchen_name VARCHAR(60) NOT NULL,
	category_id BLOB,
	category_name VARCHAR(120) NOT NULL,
	tax_category_id BLOB,
	station_id BLOB,
	unit VARCHAR(12) NOT NULL,
	listed_minor BIGINT,
	combo_id BLOB,
	combo_choice_id BLOB,
	combo_name VARCHAR(120) NOT NULL,
	share_minor BIGINT NOT NULL,
	price_rule_id BLOB,
	price_name VARCHAR(60) NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_order_lines PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_order_lines_organization_id_order_id FOREIGN KEY(organization_id, order_id) REFERENCES orders (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_order_lines_organization_id_root_id FOREIGN KEY(organization_id, root_id) REFERENCES order_lines (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_order_lines_organization_id_check_id FOREIGN KEY(organization_id, check_id) REFERENCES checks (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_order_lines_organization_id_combo_id FOREIGN KEY(organization_id, combo_id) REFERENCES order_combos (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_order_lines_organization_id_combo_choice_id FOREIGN KEY(organization_id, combo_choice_id) REFERENCES combo_choices (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE write_offs (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	receipt_id BLOB,
	currency VARCHAR(3) NOT NULL,
	amount_minor BIGINT NOT NULL,
	is_whole BOOLEAN NOT NULL,
	reason VARCHAR(120) NOT NULL,
	written_at BIGINT,
	written_by BLOB,
	business_date VARCHAR(10),
	local_hour BIGINT,
	lifted BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_write_offs PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_write_offs_organization_id_check_id FOREIGN KEY(organization_id, check_id) REFERENCES checks (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_write_offs_organization_id_receipt_id FOREIGN KEY(organization_id, receipt_id) REFERENCES receipts (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE refund_payments (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	refund_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	payment_id BLOB,
	method_id BLOB NOT NULL,
	method_name VARCHAR(40) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	paid_minor BIGINT NOT NULL,
	correction BOOLEAN NOT NULL,
	session_id BLOB,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_refund_payments PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_refund_payments_organization_id_refund_id FOREIGN KEY(organization_id, refund_id) REFERENCES refunds (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_refund_payments_organization_id_method_id FOREIGN KEY(organization_id, method_id) REFERENCES payment_methods (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_refund_payments_organization_id_session_id FOREIGN KEY(organization_id, session_id) REFERENCES drawer_sessions (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE account_charges (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	account_id BLOB NOT NULL,
	payment_id BLOB NOT NULL,
	currency VARCHAR(3) NOT NULL,
	amount_minor BIGINT NOT NULL,
	is_credit BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_account_charges PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_account_charges_organization_id_account_id FOREIGN KEY(organization_id, account_id) REFERENCES accounts_receivable (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_account_charges_organization_id_payment_id FOREIGN KEY(organization_id, payment_id) REFERENCES payments (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE line_voids (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	order_id BLOB NOT NULL,
	root_id BLOB NOT NULL,
	line_id BLOB NOT NULL,
	seen_milli BIGINT NOT NULL,
	quantity_milli BIGINT NOT NULL,
	begun BOOLEAN NOT NULL,
	thrown_milli BIGINT NOT NULL,
	content_id BLOB,
	reason VARCHAR(120) NOT NULL,
	voided_at BIGINT NOT NULL,
	voided_by BLOB,
	lifted BOOLEAN NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_line_voids PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_line_voids_organization_id_line_id FOREIGN KEY(organization_id, line_id) REFERENCES order_lines (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_line_voids_organization_id_root_id FOREIGN KEY(organization_id, root_id) REFERENCES order_lines (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE ticket_lines (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	root_id BLOB NOT NULL,
	content_id BLOB NOT NULL,
	station_id BLOB,
	ticket_id BLOB,
	also_of_id BLOB,
	item_name VARCHAR(120) NOT NULL,
	modifiers JSON NOT NULL,
	additions JSON NOT NULL,
	unit VARCHAR(12) NOT NULL,
	notes VARCHAR(280) NOT NULL,
	combo_name VARCHAR(120) NOT NULL,
	position BIGINT NOT NULL,
	told_milli BIGINT NOT NULL,
	back_milli BIGINT NOT NULL,
	wasted_milli BIGINT NOT NULL,
	made BIGINT NOT NULL,
	served_milli BIGINT NOT NULL,
	returned_milli BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_ticket_lines PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_ticket_lines_organization_id_ticket_id FOREIGN KEY(organization_id, ticket_id) REFERENCES kitchen_tickets (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_ticket_lines_organization_id_root_id FOREIGN KEY(organization_id, root_id) REFERENCES order_lines (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE receipt_lines (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	receipt_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	root_id BLOB NOT NULL,
	order_line_id BLOB NOT NULL,
	item_id BLOB NOT NULL,
	item_name VARCHAR(120) NOT NULL,
	combo_id BLOB,
	combo_name VARCHAR(120) NOT NULL,
	category_id BLOB,
	category_name VARCHAR(120) NOT NULL,
	quantity_milli BIGINT NOT NULL,
	unit VARCHAR(12) NOT NULL,
	unit_price_minor BIGINT NOT NULL,
	gross_minor BIGINT NOT NULL,
	discount_minor BIGINT NOT NULL,
	service_minor BIGINT NOT NULL,
	tax_minor BIGINT NOT NULL,
	total_minor BIGINT NOT NULL,
	discounts JSON NOT NULL,
	adjusted_by JSON NOT NULL,
	taxes JSON NOT NULL,
	currency VARCHAR(3) NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_receipt_lines PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_receipt_lines_organization_id_receipt_id FOREIGN KEY(organization_id, receipt_id) REFERENCES receipts (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_receipt_lines_organization_id_root_id FOREIGN KEY(organization_id, root_id) REFERENCES order_lines (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE refund_lines (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	refund_id BLOB NOT NULL,
	receipt_line_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	root_id BLOB NOT NULL,
	order_line_id BLOB NOT NULL,
	quantity_milli BIGINT NOT NULL,
	voided_milli BIGINT NOT NULL,
	allowed_milli BIGINT NOT NULL,
	gross_minor BIGINT NOT NULL,
	discount_minor BIGINT NOT NULL,
	service_minor BIGINT NOT NULL,
	tax_minor BIGINT NOT NULL,
	total_minor BIGINT NOT NULL,
	discounts JSON NOT NULL,
	taxes JSON NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	stamps BLOB NOT NULL,
	CONSTRAINT pk_refund_lines PRIMARY KEY (organization_id, id),
	CONSTRAINT fk_refund_lines_organization_id_refund_id FOREIGN KEY(organization_id, refund_id) REFERENCES refunds (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_refund_lines_organization_id_receipt_line_id FOREIGN KEY(organization_id, receipt_line_id) REFERENCES receipt_lines (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_refund_lines_organization_id_root_id FOREIGN KEY(organization_id, root_id) REFERENCES order_lines (organization_id, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE sync_streams (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	device_id BLOB NOT NULL,
	incarnation INTEGER NOT NULL,
	scope VARCHAR(32) NOT NULL,
	scope_id BLOB NOT NULL,
	head_seq BIGINT NOT NULL,
	head_chain BLOB NOT NULL,
	folded_seq BIGINT NOT NULL,
	acked_seq BIGINT NOT NULL,
	judged_seq BIGINT DEFAULT '0' NOT NULL,
	last_transaction BIGINT NOT NULL,
	last_stamp BIGINT NOT NULL,
	closed BIGINT DEFAULT '0' NOT NULL,
	CONSTRAINT pk_sync_streams PRIMARY KEY (organization_id, id)
);

CREATE TABLE sync_changes (
	organization_id BLOB NOT NULL,
	stream_id BLOB NOT NULL,
	seq BIGINT NOT NULL,
	row_id BLOB NOT NULL,
	body BLOB NOT NULL,
	chain BLOB NOT NULL,
	stored_ms BIGINT NOT NULL,
	CONSTRAINT pk_sync_changes PRIMARY KEY (organization_id, stream_id, seq)
)
 WITHOUT ROWID;

CREATE TABLE sync_seals (
	organization_id BLOB NOT NULL,
	stream_id BLOB NOT NULL,
	seq BIGINT NOT NULL,
	signature BLOB NOT NULL,
	CONSTRAINT pk_sync_seals PRIMARY KEY (organization_id, stream_id, seq)
);

CREATE TABLE sync_parked (
	organization_id BLOB NOT NULL,
	stream_id BLOB NOT NULL,
	first_seq BIGINT NOT NULL,
	last_seq BIGINT NOT NULL,
	reason VARCHAR(40) NOT NULL,
	params JSON NOT NULL,
	missing_row BLOB,
	parked_ms BIGINT NOT NULL,
	program BLOB NOT NULL,
	CONSTRAINT pk_sync_parked PRIMARY KEY (organization_id, stream_id, first_seq)
);

CREATE TABLE sync_set_aside (
	organization_id BLOB NOT NULL,
	stream_id BLOB NOT NULL,
	first_seq BIGINT NOT NULL,
	program BLOB NOT NULL,
	reached_seq BIGINT,
	left_seq BIGINT,
	CONSTRAINT pk_sync_set_aside PRIMARY KEY (organization_id, stream_id)
);

CREATE TABLE sync_hidden_references (
	organization_id BLOB NOT NULL,
	parent_id BLOB NOT NULL,
	table_name VARCHAR(63) NOT NULL,
	row_id BLOB NOT NULL,
	CONSTRAINT pk_sync_hidden_references PRIMARY KEY (organization_id, parent_id, table_name, row_id)
);

CREATE TABLE sync_evidence (
	organization_id BLOB NOT NULL,
	stream_id BLOB NOT NULL,
	seq BIGINT NOT NULL,
	said_ms BIGINT NOT NULL,
	CONSTRAINT pk_sync_evidence PRIMARY KEY (organization_id, stream_id, seq)
);

CREATE TABLE sync_clocks (
	organization_id BLOB NOT NULL,
	device_id BLOB NOT NULL,
	difference_ms BIGINT NOT NULL,
	since_ms BIGINT NOT NULL,
	at_ms BIGINT NOT NULL,
	CONSTRAINT pk_sync_clocks PRIMARY KEY (organization_id, device_id)
);

CREATE TABLE sync_anew (
	organization_id BLOB NOT NULL,
	scope_id BLOB NOT NULL,
	table_name VARCHAR(63) NOT NULL,
	state BLOB NOT NULL,
	done INTEGER NOT NULL,
	CONSTRAINT pk_sync_anew PRIMARY KEY (organization_id, scope_id, table_name)
);

CREATE TABLE sync_counted_by (
	organization_id BLOB NOT NULL,
	program BLOB NOT NULL,
	CONSTRAINT pk_sync_counted_by PRIMARY KEY (organization_id)
);

CREATE TABLE sync_digests (
	organization_id BLOB NOT NULL,
	scope_id BLOB NOT NULL,
	tables BLOB NOT NULL,
	CONSTRAINT pk_sync_digests PRIMARY KEY (organization_id, scope_id)
);

CREATE TABLE sealed_subjects (
	organization_id BLOB NOT NULL,
	scope_id BLOB NOT NULL,
	id BLOB NOT NULL,
	forgotten BOOLEAN NOT NULL,
	CONSTRAINT pk_sealed_subjects PRIMARY KEY (organization_id, scope_id, id)
);

CREATE TABLE sealed_keys (
	organization_id BLOB NOT NULL,
	id BLOB NOT NULL,
	scope_id BLOB NOT NULL,
	subject_id BLOB NOT NULL,
	secret BLOB NOT NULL,
	CONSTRAINT pk_sealed_keys PRIMARY KEY (organization_id, id)
);

CREATE TABLE sealed_lookups (
	organization_id BLOB NOT NULL,
	row_id BLOB NOT NULL,
	field VARCHAR(32) NOT NULL,
	scope_id BLOB NOT NULL,
	subject_id BLOB NOT NULL,
	source BLOB NOT NULL,
	digest BLOB NOT NULL,
	CONSTRAINT pk_sealed_lookups PRIMARY KEY (organization_id, row_id, field)
);

CREATE TABLE print_job (
	id BLOB NOT NULL,
	printer VARCHAR NOT NULL,
	made_for VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	reference BLOB NOT NULL,
	revision INTEGER NOT NULL,
	subject_id BLOB,
	payload BLOB NOT NULL,
	state VARCHAR NOT NULL,
	attempts INTEGER NOT NULL,
	copies INTEGER NOT NULL,
	error VARCHAR,
	is_elsewhere BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	queued_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (id),
	CONSTRAINT print_job_once UNIQUE (made_for, kind, reference, revision),
	CONSTRAINT print_job_state CHECK (state IN ('queued', 'claimed', 'sending', 'sent', 'confirmed', 'failed', 'unknown', 'cancelled'))
);

CREATE TABLE drawer_pulse (
	id BLOB NOT NULL,
	printer VARCHAR NOT NULL,
	subject_id BLOB,
	state VARCHAR NOT NULL,
	error VARCHAR,
	is_told BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (id),
	CONSTRAINT drawer_pulse_state CHECK (state IN ('queued', 'claimed', 'sending', 'sent', 'confirmed', 'failed', 'unknown', 'cancelled'))
);

CREATE TABLE print_lease (
	printer VARCHAR NOT NULL,
	holder BLOB NOT NULL,
	process VARCHAR NOT NULL,
	PRIMARY KEY (printer)
);

CREATE TABLE kitchen_paper (
	ticket_line_id BLOB NOT NULL,
	printer VARCHAR NOT NULL,
	root_id BLOB NOT NULL,
	ticket_id BLOB NOT NULL,
	notes VARCHAR,
	off_milli BIGINT NOT NULL,
	PRIMARY KEY (ticket_line_id, printer)
);

CREATE TABLE kitchen_paper_due (
	root_id BLOB NOT NULL,
	PRIMARY KEY (root_id)
);

CREATE TABLE kitchen_arrival (
	place INTEGER NOT NULL,
	ticket_id BLOB NOT NULL,
	stream_id BLOB NOT NULL,
	sent_ms BIGINT NOT NULL,
	arrived_ms BIGINT NOT NULL,
	since_ms BIGINT NOT NULL,
	running_ms BIGINT NOT NULL,
	boot VARCHAR(40) NOT NULL,
	burst INTEGER NOT NULL,
	PRIMARY KEY (place),
	UNIQUE (ticket_id)
);

CREATE TABLE pin_attempts (
	id INTEGER NOT NULL,
	failures INTEGER NOT NULL,
	spent_ms BIGINT NOT NULL,
	pause_ms BIGINT NOT NULL,
	read_at_ms BIGINT NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE counters (
	series VARCHAR(60) NOT NULL,
	value BIGINT NOT NULL,
	PRIMARY KEY (series)
);

CREATE TABLE kitchen_heard (
	place INTEGER NOT NULL,
	row_id BLOB NOT NULL,
	what VARCHAR(8) NOT NULL,
	stream_id BLOB NOT NULL,
	sent_ms BIGINT NOT NULL,
	since_ms BIGINT NOT NULL,
	heard_ms BIGINT NOT NULL,
	running_ms BIGINT NOT NULL,
	boot VARCHAR(40) NOT NULL,
	PRIMARY KEY (place),
	UNIQUE (row_id)
);

CREATE TABLE incarnations (
	number INTEGER NOT NULL,
	begun_ms BIGINT NOT NULL,
	PRIMARY KEY (number)
);

CREATE TABLE history_events (
	kind VARCHAR(40) NOT NULL,
	cause VARCHAR(80) NOT NULL,
	params JSON NOT NULL,
	happened_ms BIGINT NOT NULL,
	told INTEGER NOT NULL,
	PRIMARY KEY (kind, cause)
);

CREATE TABLE journal (
	number INTEGER NOT NULL,
	program BIGINT NOT NULL,
	tables TEXT NOT NULL,
	PRIMARY KEY (number)
);

CREATE TABLE last_program (
	id INTEGER NOT NULL,
	fingerprint BLOB NOT NULL,
	PRIMARY KEY (id)
);

CREATE TABLE check_balances (
	organization_id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	check_id BLOB NOT NULL,
	facts BIGINT NOT NULL,
	opened BIGINT NOT NULL,
	has_left BIGINT NOT NULL,
	settled BIGINT NOT NULL,
	receipts BIGINT NOT NULL,
	live_milli BIGINT NOT NULL,
	owed_milli BIGINT NOT NULL,
	late_milli BIGINT NOT NULL,
	spare_milli BIGINT NOT NULL,
	to_send_milli BIGINT NOT NULL,
	held_milli BIGINT NOT NULL,
	in_minor BIGINT NOT NULL,
	refunded_minor BIGINT NOT NULL,
	counted_minor BIGINT NOT NULL,
	lost_minor BIGINT NOT NULL,
	CONSTRAINT pk_check_balances PRIMARY KEY (organization_id, branch_id, check_id)
);

CREATE TABLE ticket_balances (
	organization_id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	ticket_id BLOB NOT NULL,
	lines BIGINT NOT NULL,
	to_make_milli BIGINT NOT NULL,
	withdraw_milli BIGINT NOT NULL,
	CONSTRAINT pk_ticket_balances PRIMARY KEY (organization_id, branch_id, ticket_id)
);

CREATE TABLE differences (
	organization_id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	kind VARCHAR(32) NOT NULL,
	subject_id BLOB NOT NULL,
	also BIGINT NOT NULL,
	check_id BLOB NOT NULL,
	found BIGINT NOT NULL,
	size BIGINT NOT NULL,
	CONSTRAINT pk_differences PRIMARY KEY (organization_id, branch_id, kind, subject_id, also, check_id)
);

CREATE TABLE kitchen_times_by_hour (
	organization_id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	station_id BLOB NOT NULL,
	item_name VARCHAR(120) NOT NULL,
	facts BIGINT NOT NULL,
	lines BIGINT NOT NULL,
	seconds BIGINT NOT NULL,
	late BIGINT NOT NULL,
	forgotten BIGINT NOT NULL,
	unreceived BIGINT NOT NULL,
	below_60 BIGINT NOT NULL,
	below_120 BIGINT NOT NULL,
	below_180 BIGINT NOT NULL,
	below_240 BIGINT NOT NULL,
	below_300 BIGINT NOT NULL,
	below_360 BIGINT NOT NULL,
	below_420 BIGINT NOT NULL,
	below_480 BIGINT NOT NULL,
	below_600 BIGINT NOT NULL,
	below_720 BIGINT NOT NULL,
	below_900 BIGINT NOT NULL,
	below_1200 BIGINT NOT NULL,
	below_1500 BIGINT NOT NULL,
	below_1800 BIGINT NOT NULL,
	below_2400 BIGINT NOT NULL,
	below_3600 BIGINT NOT NULL,
	below_7200 BIGINT NOT NULL,
	below_21600 BIGINT NOT NULL,
	CONSTRAINT pk_kitchen_times_by_hour PRIMARY KEY (organization_id, branch_id, business_date, local_hour, station_id, item_name)
);

CREATE TABLE account_balances (
	organization_id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	account_id BLOB NOT NULL,
	currency VARCHAR(3) NOT NULL,
	facts BIGINT NOT NULL,
	charged_minor BIGINT NOT NULL,
	paid_minor BIGINT NOT NULL,
	CONSTRAINT pk_account_balances PRIMARY KEY (organization_id, branch_id, account_id, currency)
);

CREATE TABLE sales_by_hour (
	organization_id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	currency VARCHAR(3) NOT NULL,
	facts BIGINT NOT NULL,
	checks BIGINT NOT NULL,
	total_minor BIGINT NOT NULL,
	tax_minor BIGINT NOT NULL,
	discount_minor BIGINT NOT NULL,
	service_minor BIGINT NOT NULL,
	rounding_minor BIGINT NOT NULL,
	refunded_minor BIGINT NOT NULL,
	lost_minor BIGINT NOT NULL,
	tips_minor BIGINT NOT NULL,
	CONSTRAINT pk_sales_by_hour PRIMARY KEY (organization_id, branch_id, business_date, local_hour, currency)
);

CREATE TABLE sales_by_item (
	organization_id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	item_id BLOB NOT NULL,
	item_name VARCHAR(120) NOT NULL,
	category_name VARCHAR(120) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	facts BIGINT NOT NULL,
	lines BIGINT NOT NULL,
	quantity_milli BIGINT NOT NULL,
	gross_minor BIGINT NOT NULL,
	discount_minor BIGINT NOT NULL,
	service_minor BIGINT NOT NULL,
	tax_minor BIGINT NOT NULL,
	total_minor BIGINT NOT NULL,
	CONSTRAINT pk_sales_by_item PRIMARY KEY (organization_id, branch_id, business_date, local_hour, item_id, item_name, category_name, currency)
);

CREATE TABLE takings_by_method (
	organization_id BLOB NOT NULL,
	branch_id BLOB NOT NULL,
	business_date VARCHAR(10) NOT NULL,
	local_hour BIGINT NOT NULL,
	method_id BLOB NOT NULL,
	method_name VARCHAR(40) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	facts BIGINT NOT NULL,
	payments BIGINT NOT NULL,
	amount_minor BIGINT NOT NULL,
	CONSTRAINT pk_takings_by_method PRIMARY KEY (organization_id, branch_id, business_date, local_hour, method_id, method_name, kind, currency)
);

CREATE INDEX drawer_pulse_by_state ON drawer_pulse (state, printer);

CREATE INDEX drawer_pulse_by_subject ON drawer_pulse (subject_id, created_at);

CREATE INDEX drawer_pulse_untold ON drawer_pulse (is_told, state);

CREATE INDEX ix_account_charges_account_id ON account_charges (account_id, organization_id);

CREATE INDEX ix_account_payments_account_id ON account_payments (account_id, organization_id);

CREATE INDEX ix_account_payments_business_date ON account_payments (branch_id, organization_id, business_date);

CREATE INDEX ix_account_payments_session_id ON account_payments (session_id, organization_id);

CREATE INDEX ix_approvals_of_row_id ON approvals (of_row_id, organization_id);

CREATE INDEX ix_availability_business_date ON availability (branch_id, organization_id, business_date);

CREATE INDEX ix_availability_replaces_id ON availability (replaces_id, organization_id);

CREATE INDEX ix_branch_items_branch_id ON branch_items (branch_id, organization_id);

CREATE INDEX ix_branch_prices_item_id ON branch_prices (item_id, organization_id);

CREATE INDEX ix_cash_movements_business_date ON cash_movements (branch_id, organization_id, business_date);

CREATE INDEX ix_cash_movements_session_id ON cash_movements (session_id, organization_id);

CREATE INDEX ix_check_balances_busy ON check_balances (branch_id, organization_id) WHERE owed_milli != 0 OR spare_milli != 0 OR to_send_milli != 0 OR held_milli != 0 OR in_minor != refunded_minor + counted_minor OR opened > 0 AND has_left = 0 AND settled = 0;

CREATE INDEX ix_checks_order_id ON checks (order_id, organization_id, id);

CREATE INDEX ix_checks_split_of_id ON checks (split_of_id, organization_id);

CREATE INDEX ix_combo_choices_slot_id ON combo_choices (slot_id, organization_id);

CREATE INDEX ix_combo_slots_item_id ON combo_slots (item_id, organization_id);

CREATE INDEX ix_counts_session_id ON counts (session_id, organization_id);

CREATE INDEX ix_day_closes_business_date ON day_closes (branch_id, organization_id, business_date);

CREATE INDEX ix_discounts_check_id ON discounts (check_id, organization_id);

CREATE INDEX ix_discounts_given_at ON discounts (branch_id, organization_id, given_at);

CREATE INDEX ix_discounts_line_id ON discounts (line_id, organization_id);

CREATE INDEX ix_discounts_order_id ON discounts (order_id, organization_id);

CREATE INDEX ix_display_answers_trial_id ON display_answers (trial_id, organization_id);

CREATE INDEX ix_display_trials_asked_at ON display_trials (branch_id, organization_id, asked_at);

CREATE INDEX ix_drawer_openings_business_date ON drawer_openings (branch_id, organization_id, business_date);

CREATE INDEX ix_drawer_openings_session_id ON drawer_openings (session_id, organization_id);

CREATE INDEX ix_drawer_sessions_closed ON drawer_sessions (branch_id, organization_id, closed);

CREATE INDEX ix_drawer_sessions_device_id ON drawer_sessions (device_id, organization_id, opened_at);

CREATE INDEX ix_exceptions_happened_at ON exceptions (branch_id, organization_id, happened_at);

CREATE INDEX ix_exceptions_subject_id ON exceptions (subject_id, organization_id);

CREATE INDEX ix_exchange_rates_day ON exchange_rates (branch_id, organization_id, currency, day);

CREATE INDEX ix_forgotten_subject_id ON forgotten (subject_id, organization_id);

CREATE INDEX ix_guest_allergies_order_id ON guest_allergies (order_id, organization_id);

CREATE INDEX ix_guest_answers_guest_order_id ON guest_answers (guest_order_id, organization_id);

CREATE INDEX ix_guest_links_order_id ON guest_links (order_id, organization_id);

CREATE INDEX ix_guest_links_phone_id ON guest_links (phone_id, organization_id);

CREATE INDEX ix_guest_order_combos_guest_order_id ON guest_order_combos (guest_order_id, organization_id);

CREATE INDEX ix_guest_order_lines_cart_line_id ON guest_order_lines (cart_line_id, organization_id);

CREATE INDEX ix_guest_order_lines_guest_order_id ON guest_order_lines (guest_order_id, organization_id);

CREATE INDEX ix_guest_orders_order_id ON guest_orders (order_id, organization_id);

CREATE INDEX ix_guest_orders_placed_at ON guest_orders (branch_id, organization_id, placed_at);

CREATE INDEX ix_guest_orders_subject_id ON guest_orders (subject_id, organization_id, placed_at);

CREATE INDEX ix_guest_request_answers_request_id ON guest_request_answers (request_id, organization_id);

CREATE INDEX ix_guest_requests_asked_at ON guest_requests (branch_id, organization_id, asked_at);

CREATE INDEX ix_hidden_items_item_id ON hidden_items (item_id, organization_id);

CREATE INDEX ix_item_modifier_groups_item_id ON item_modifier_groups (item_id, organization_id);

CREATE INDEX ix_kitchen_events_ticket_id ON kitchen_events (ticket_id, organization_id);

CREATE INDEX ix_kitchen_messages_sent_at ON kitchen_messages (branch_id, organization_id, sent_at);

CREATE INDEX ix_kitchen_tickets_bumped_at ON kitchen_tickets (branch_id, organization_id, bumped_at);

CREATE INDEX ix_kitchen_tickets_order_id ON kitchen_tickets (order_id, organization_id);

CREATE INDEX ix_line_voids_root_id ON line_voids (root_id, organization_id);

CREATE INDEX ix_line_voids_voided_at ON line_voids (branch_id, organization_id, voided_at);

CREATE INDEX ix_modifiers_group_id ON modifiers (group_id, organization_id);

CREATE INDEX ix_opening_results_opening_id ON opening_results (opening_id, organization_id);

CREATE INDEX ix_order_combos_order_id ON order_combos (order_id, organization_id);

CREATE INDEX ix_order_contacts_order_id ON order_contacts (branch_id, organization_id, order_id);

CREATE INDEX ix_order_courses_fire_at ON order_courses (branch_id, organization_id, fire_at);

CREATE INDEX ix_order_courses_order_id ON order_courses (order_id, organization_id);

CREATE INDEX ix_order_lines_check_id ON order_lines (check_id, organization_id);

CREATE INDEX ix_order_lines_gathered ON order_lines (gathered_from_id, organization_id) WHERE gathered_from_id IS NOT NULL;

CREATE INDEX ix_order_lines_held ON order_lines (branch_id, organization_id, id) WHERE held > fired;

CREATE INDEX ix_order_lines_item_id ON order_lines (item_id, organization_id, added_at);

CREATE INDEX ix_order_lines_order_id ON order_lines (order_id, organization_id, id);

CREATE INDEX ix_order_lines_root_id ON order_lines (root_id, organization_id);

CREATE INDEX ix_orders_business_date ON orders (branch_id, business_date);

CREATE INDEX ix_orders_joined_to_id ON orders (joined_to_id, organization_id);

CREATE INDEX ix_orders_number ON orders (branch_id, organization_id, number);

CREATE INDEX ix_payments_business_date ON payments (branch_id, organization_id, business_date);

CREATE INDEX ix_payments_check_id ON payments (check_id, organization_id);

CREATE INDEX ix_payments_number ON payments (branch_id, organization_id, number, business_date);

CREATE INDEX ix_payments_reference ON payments (branch_id, organization_id, reference) WHERE reference <> '';

CREATE INDEX ix_payments_session_id ON payments (session_id, organization_id);

CREATE INDEX ix_person_settings_person_id ON person_settings (person_id, organization_id);

CREATE INDEX ix_pin_changes_person_id ON pin_changes (person_id, organization_id, branch_id);

CREATE INDEX ix_prebills_check_id ON prebills (check_id, organization_id);

CREATE INDEX ix_print_requests_state ON print_requests (branch_id, organization_id, state);

CREATE INDEX ix_print_rules_branch_id ON print_rules (branch_id, organization_id);

CREATE INDEX ix_print_templates_branch_id ON print_templates (branch_id, organization_id);

CREATE INDEX ix_printers_branch_id ON printers (branch_id, organization_id);

CREATE INDEX ix_receipt_copies_of_id ON receipt_copies (of_id, organization_id);

CREATE INDEX ix_receipt_lines_check_id ON receipt_lines (check_id, organization_id);

CREATE INDEX ix_receipt_lines_receipt_id ON receipt_lines (receipt_id, organization_id);

CREATE INDEX ix_receipt_lines_root_id ON receipt_lines (root_id, organization_id);

CREATE INDEX ix_receipts_business_date ON receipts (branch_id, organization_id, business_date, settled_at);

CREATE INDEX ix_receipts_check_id ON receipts (check_id, organization_id);

CREATE INDEX ix_receipts_number ON receipts (branch_id, organization_id, number, business_date);

CREATE INDEX ix_receipts_session_id ON receipts (session_id, organization_id);

CREATE INDEX ix_receipts_total_minor ON receipts (branch_id, organization_id, total_minor);

CREATE INDEX ix_refund_lines_check_id ON refund_lines (check_id, organization_id);

CREATE INDEX ix_refund_lines_refund_id ON refund_lines (refund_id, organization_id);

CREATE INDEX ix_refund_lines_root_id ON refund_lines (root_id, organization_id);

CREATE INDEX ix_refund_payments_check_id ON refund_payments (check_id, organization_id);

CREATE INDEX ix_refund_payments_refund_id ON refund_payments (refund_id, organization_id);

CREATE INDEX ix_refund_payments_session_id ON refund_payments (session_id, organization_id);

CREATE INDEX ix_refunds_business_date ON refunds (branch_id, organization_id, business_date);

CREATE INDEX ix_refunds_check_id ON refunds (check_id, organization_id);

CREATE INDEX ix_refunds_number ON refunds (branch_id, organization_id, number, business_date);

CREATE INDEX ix_refunds_order_id ON refunds (order_id, organization_id);

CREATE INDEX ix_reservations_day ON reservations (branch_id, organization_id, day);

CREATE INDEX ix_safety_points_branch_id ON safety_points (branch_id, organization_id);

CREATE INDEX ix_safety_readings_claimed_at ON safety_readings (branch_id, organization_id, claimed_at);

CREATE INDEX ix_safety_readings_point_id ON safety_readings (point_id, organization_id, claimed_at);

CREATE INDEX ix_sealed_keys_subject_id ON sealed_keys (subject_id, organization_id);

CREATE INDEX ix_sealed_lookups_digest ON sealed_lookups (digest, organization_id);

CREATE INDEX ix_sealed_lookups_subject_id ON sealed_lookups (subject_id, organization_id);

CREATE INDEX ix_service_charges_check_id ON service_charges (check_id, organization_id);

CREATE INDEX ix_service_charges_order_id ON service_charges (order_id, organization_id);

CREATE INDEX ix_settlements_exception_id ON settlements (exception_id, organization_id);

CREATE INDEX ix_staff_assignments_staff_id ON staff_assignments (staff_id, organization_id);

CREATE INDEX ix_sync_changes_row_id ON sync_changes (row_id, organization_id);

CREATE INDEX ix_sync_parked_missing_row ON sync_parked (missing_row, organization_id);

CREATE INDEX ix_sync_verdicts_stream_id ON sync_verdicts (stream_id, organization_id, last_seq);

CREATE INDEX ix_table_codes_code ON table_codes (code, organization_id);

CREATE INDEX ix_table_codes_table_id ON table_codes (table_id, organization_id);

CREATE INDEX ix_ticket_balances_asked ON ticket_balances (branch_id, organization_id) WHERE to_make_milli != 0 OR withdraw_milli != 0;

CREATE INDEX ix_ticket_lines_root_id ON ticket_lines (root_id, organization_id);

CREATE INDEX ix_ticket_lines_ticket_id ON ticket_lines (ticket_id, organization_id);

CREATE INDEX ix_ticket_lines_unserved ON ticket_lines (branch_id, organization_id, root_id) WHERE served_milli - returned_milli < told_milli - back_milli;

CREATE INDEX ix_time_entries_person_id ON time_entries (person_id, organization_id, branch_id, at);

CREATE INDEX ix_tips_business_date ON tips (branch_id, organization_id, business_date);

CREATE INDEX ix_tips_check_id ON tips (check_id, organization_id);

CREATE INDEX ix_tips_session_id ON tips (session_id, organization_id);

CREATE INDEX ix_write_offs_business_date ON write_offs (branch_id, organization_id, business_date);

CREATE INDEX ix_write_offs_check_id ON write_offs (check_id, organization_id);

CREATE INDEX ix_write_offs_receipt_id ON write_offs (receipt_id, organization_id);

CREATE INDEX ix_z_reports_business_date ON z_reports (branch_id, organization_id, business_date);

CREATE INDEX ix_z_reports_device_id ON z_reports (device_id, organization_id, closed_at);

CREATE INDEX kitchen_arrival_by_burst ON kitchen_arrival (burst);

CREATE INDEX kitchen_arrival_by_stream ON kitchen_arrival (stream_id, place);

CREATE INDEX kitchen_heard_by_stream ON kitchen_heard (stream_id, place);

CREATE INDEX kitchen_heard_by_what ON kitchen_heard (what, place);

CREATE INDEX kitchen_paper_by_root ON kitchen_paper (root_id);

CREATE INDEX kitchen_paper_by_ticket ON kitchen_paper (ticket_id);

CREATE INDEX print_job_by_age ON print_job (queued_at);

CREATE INDEX print_job_by_state ON print_job (state, printer, queued_at);

CREATE INDEX print_job_by_subject ON print_job (subject_id, queued_at);
