"""The names that each language gives to the nodes of its trees."""

from __future__ import annotations

from secaudit.codesearch.grammar import NUMBER_CASTS, Grammar, words

SCRIPT = Grammar(
    functions=words(
        "function_declaration function_expression arrow_function method_definition generator_function"
        " generator_function_declaration"
    ),
    names=words("identifier shorthand_property_identifier shorthand_property_identifier_pattern"),
    calls=words("call_expression new_expression"),
    members=words("member_expression"),
    subscripts=words("subscript_expression"),
    templates=words("template_string"),
    literals=words("string string_fragment number regex true false null undefined"),
    fixed=words("this super import meta_property update_expression class class_declaration"),
    ignored=words(
        "comment type_annotation type_identifier predefined_type generic_type type_arguments property_identifier"
        " statement_identifier object_type union_type literal_type array_type escape_sequence"
    ),
    choices=words("ternary_expression"),
    binaries=words("binary_expression"),
    unaries=words("unary_expression"),
    casts=frozenset(),
    assignments=words("variable_declarator assignment_expression augmented_assignment_expression"),
    loops=words("for_in_statement"),
    parameters=words("formal_parameters"),
    blocks=words("statement_block program class_body"),
    cases=words("switch_case switch_default"),
    exits=words("return_statement throw_statement break_statement continue_statement"),
    joins=words("+"),
    passes=words("|| && ??"),
    comments=words("comment"),
    number_types=words("number boolean"),
    pairs=words("pair"),
    objects=words("object"),
    lone_parameter=("arrow_function", "parameter"),
    appends=words("push unshift"),
    classes=words("identifier"),
)

PHP = Grammar(
    functions=words("function_definition method_declaration anonymous_function arrow_function"),
    names=words("variable_name"),
    calls=words(
        "function_call_expression member_call_expression scoped_call_expression nullsafe_member_call_expression"
        " object_creation_expression"
    ),
    members=words("member_access_expression nullsafe_member_access_expression scoped_property_access_expression"),
    subscripts=words("subscript_expression"),
    templates=words("encapsed_string heredoc heredoc_body shell_command_expression"),
    literals=words("string string_content nowdoc nowdoc_body nowdoc_string integer float boolean null"),
    fixed=words("name qualified_name class_constant_access_expression relative_scope update_expression"),
    ignored=words("comment heredoc_start heredoc_end escape_sequence text_interpolation cast_type"),
    choices=words("conditional_expression"),
    binaries=words("binary_expression"),
    unaries=words("unary_op_expression"),
    casts=words("cast_expression"),
    assignments=words("assignment_expression augmented_assignment_expression reference_assignment_expression"),
    loops=words("foreach_statement"),
    parameters=words("formal_parameters"),
    blocks=words("compound_statement program colon_block else_clause declaration_list"),
    cases=words("case_statement default_statement"),
    exits=words("return_statement throw_expression exit_statement break_statement continue_statement"),
    joins=words("."),
    passes=words("?? || && or and ?:"),
    comments=words("comment"),
    number_types=NUMBER_CASTS,
    pairs=words("array_element_initializer by_ref"),
    objects=words("array_creation_expression"),
    loops_by_place=True,
)

RUBY = Grammar(
    functions=words("method singleton_method do_block block lambda"),
    names=words("identifier instance_variable class_variable global_variable constant"),
    calls=words("call"),
    members=words("scope_resolution"),
    subscripts=words("element_reference"),
    templates=words("string subshell heredoc_body delimited_symbol chained_string"),
    literals=words(
        "string_content integer float simple_symbol hash_key_symbol true false nil regex bare_string bare_symbol"
        " heredoc_content character rational complex string_array symbol_array"
    ),
    fixed=words("self class module singleton_class"),
    ignored=words("comment escape_sequence heredoc_end pattern block_argument"),
    choices=words("conditional if unless if_modifier unless_modifier elsif"),
    binaries=words("binary"),
    unaries=words("unary"),
    casts=frozenset(),
    assignments=words("assignment operator_assignment"),
    loops=words("for"),
    parameters=words("method_parameters block_parameters lambda_parameters"),
    blocks=words("program body_statement block_body then else begin do"),
    cases=words("when in_clause"),
    exits=words("return next break redo"),
    joins=words("+ << %"),
    passes=words("|| && or and"),
    comments=words("comment"),
    switches=words("case case_match"),
    ifs=words("if unless elsif if_modifier unless_modifier"),
    inverted=words("unless unless_modifier"),
    anchors=(("\\A", "\\z"), ("\\A", "\\Z")),
    pairs=words("pair"),
    objects=words("hash"),
    lists=words("left_assignment_list right_assignment_list"),
    appends=words("concat prepend"),
    append_sign="<<",
    heredocs=("heredoc_beginning", "heredoc_body"),
    classes=words("constant scope_resolution"),
    has_getters=True,
)

GO = Grammar(
    functions=words("function_declaration method_declaration func_literal"),
    names=words("identifier"),
    calls=words("call_expression"),
    members=words("selector_expression"),
    subscripts=words("index_expression slice_expression"),
    templates=frozenset(),
    literals=words(
        "interpreted_string_literal raw_string_literal int_literal float_literal imaginary_literal rune_literal true"
        " false nil iota"
    ),
    fixed=frozenset(),
    ignored=words(
        "comment type_identifier qualified_type slice_type array_type map_type pointer_type package_identifier"
        " field_identifier struct_type interface_type function_type channel_type generic_type type_arguments"
    ),
    choices=frozenset(),
    binaries=words("binary_expression"),
    unaries=frozenset(),
    casts=frozenset(),
    assignments=words("short_var_declaration assignment_statement var_spec const_spec"),
    loops=words("range_clause"),
    parameters=words("parameter_list"),
    blocks=words("source_file statement_list"),
    cases=words("expression_case default_case type_case communication_case"),
    exits=words("return_statement break_statement continue_statement goto_statement"),
    joins=words("+"),
    passes=frozenset(),
    comments=words("comment"),
    number_types=words(
        "int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 uintptr float32 float64 bool byte rune"
        " time.time time.duration uuid.uuid"
    ),
    lists=words("expression_list"),
    pairs=words("keyed_element"),
    appends=words("WriteString Write WriteByte WriteRune"),
    fills=words(
        "Decode Unmarshal Bind BindJSON ShouldBind ShouldBindJSON ShouldBindQuery ShouldBindUri ShouldBindBodyWith"
        " BodyParser QueryParser ParamsParser BindQuery BindUri"
    ),
    free_names_are_libraries=True,
    has_getters=True,
)

JAVA = Grammar(
    functions=words("method_declaration constructor_declaration compact_constructor_declaration lambda_expression"),
    names=words("identifier"),
    calls=words("method_invocation object_creation_expression explicit_constructor_invocation"),
    members=words("field_access"),
    subscripts=words("array_access"),
    templates=frozenset(),
    literals=words(
        "string_literal character_literal decimal_integer_literal hex_integer_literal octal_integer_literal"
        " binary_integer_literal decimal_floating_point_literal true false null_literal"
    ),
    fixed=words("this super class_literal instanceof_expression update_expression method_reference"),
    ignored=words(
        "line_comment block_comment type_identifier scoped_type_identifier generic_type array_type integral_type"
        " floating_point_type boolean_type modifiers annotation marker_annotation type_arguments dimensions"
        " dimensions_expr switch_label class_body"
    ),
    choices=words("ternary_expression"),
    binaries=words("binary_expression"),
    unaries=words("unary_expression"),
    casts=words("cast_expression"),
    assignments=words("variable_declarator assignment_expression resource"),
    loops=words("enhanced_for_statement"),
    parameters=words("formal_parameters inferred_parameters"),
    blocks=words("block constructor_body class_body program"),
    cases=words("switch_block_statement_group switch_rule"),
    exits=words("return_statement throw_statement break_statement continue_statement yield_statement"),
    joins=words("+"),
    passes=frozenset(),
    comments=words("line_comment block_comment"),
    switches=words("switch_expression"),
    number_types=words(
        "int long short byte char float double boolean integer biginteger bigdecimal uuid localdate localdatetime"
        " instant date pageable principal locale"
    ),
    appends=words("append insert add"),
    lone_parameter=("lambda_expression", "parameters"),
    classes=words("identifier"),
    has_getters=True,
)

CSHARP = Grammar(
    functions=words(
        "method_declaration constructor_declaration local_function_statement lambda_expression"
        " anonymous_method_expression accessor_declaration"
    ),
    names=words("identifier"),
    calls=words("invocation_expression object_creation_expression"),
    members=words("member_access_expression conditional_access_expression"),
    subscripts=words("element_access_expression"),
    templates=words("interpolated_string_expression"),
    literals=words(
        "string_literal verbatim_string_literal raw_string_literal character_literal integer_literal real_literal"
        " boolean_literal null_literal string_content"
    ),
    fixed=words(
        "this base typeof_expression is_pattern_expression is_expression postfix_unary_expression sizeof_expression"
    ),
    ignored=words(
        "comment predefined_type generic_name qualified_name nullable_type array_type implicit_type modifier"
        " attribute_list type_argument_list interpolation_start interpolation_brace interpolation_format_clause"
        " constant_pattern discard declaration_pattern type_pattern relational_pattern member_binding_expression"
        " escape_sequence"
    ),
    choices=words("conditional_expression"),
    binaries=words("binary_expression"),
    unaries=words("prefix_unary_expression"),
    casts=words("cast_expression"),
    assignments=words("variable_declarator assignment_expression"),
    loops=words("foreach_statement"),
    parameters=words("parameter_list"),
    blocks=words("block declaration_list compilation_unit switch_body"),
    cases=words("switch_section"),
    exits=words("return_statement throw_statement break_statement continue_statement throw_expression"),
    joins=words("+"),
    passes=words("??"),
    comments=words("comment"),
    switches=words("switch_expression"),
    number_types=words(
        "int long short byte char float double decimal bool guid datetime datetimeoffset uint ulong cancellationtoken"
    ),
    appends=words("Append AppendLine AppendFormat Insert"),
    lone_parameter=("lambda_expression", "parameters"),
    classes=words("identifier member_access_expression"),
    has_getters=True,
    values_are_last=True,
)

GRAMMARS = {
    "javascript": SCRIPT, "typescript": SCRIPT, "tsx": SCRIPT, "php": PHP, "ruby": RUBY, "go": GO, "java": JAVA,
    "csharp": CSHARP,
}  # fmt: skip
"""By the name of the tree."""
