/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tree itself: sets, nodes, and other views of a sequence.
 */
#include "rules/factor-tree.h"

void
set_add(struct byte_set *set, guint byte)
{
	set->bits[byte / 32] |= 1u << (byte % 32);
}

bool
set_has(const struct byte_set *set, guint byte)
{
	return (set->bits[byte / 32] >> (byte % 32) & 1) != 0;
}

void
set_add_high(struct byte_set *set)
{
	for (guint byte = 0x80; byte < 0x100; byte++)
		set_add(set, byte);
}

static void
node_free(void *data)
{
	struct node *node = data;

	if (node->branches != NULL)
		g_ptr_array_unref(node->branches);
	g_free(node);
}

GPtrArray *
nodes_new(void)
{
	return g_ptr_array_new_with_free_func(node_free);
}

struct node *
node_new(enum node_kind kind)
{
	struct node *node = g_new0(struct node, 1);

	node->kind = kind;
	node->min = node->max = node->most = 1;
	if (kind == NODE_GROUP)
		node->branches = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	return node;
}

static void
add_flat(const GPtrArray *nodes, GPtrArray *out)
{
	for (guint i = 0; i < nodes->len; i++) {
		const struct node *node = nodes->pdata[i];
		bool is_plain = node->kind == NODE_GROUP && node->branches->len == 1 &&
				node->min == 1 && node->max == 1;
		if (is_plain)
			add_flat(node->branches->pdata[0], out);
		else
			g_ptr_array_add(out, nodes->pdata[i]);
	}
}

GPtrArray *
nodes_flat(const GPtrArray *nodes)
{
	GPtrArray *flat = g_ptr_array_new();

	add_flat(nodes, flat);
	return flat;
}

GPtrArray *
nodes_spread_line(const GPtrArray *items, GPtrArray *owner)
{
	const struct node *first = items->len > 0 ? items->pdata[0] : NULL, *next;
	guint at = 1;

	if (first == NULL || !first->is_line)
		return NULL;
	for (next = first; at < items->len; at++) {
		next = items->pdata[at];
		if (next->kind != NODE_SET || next->min > 0)
			break;
	}
	if (next->kind != NODE_GROUP || next->min != 1 || next->max != 1)
		return NULL;
	struct node *group = node_new(NODE_GROUP);
	g_ptr_array_add(owner, group);
	for (guint i = 0; i < next->branches->len; i++) {
		GPtrArray *branch = g_ptr_array_new();
		for (guint k = 0; k < at; k++)
			g_ptr_array_add(branch, items->pdata[k]);
		g_ptr_array_extend(branch, next->branches->pdata[i], NULL, NULL);
		g_ptr_array_add(group->branches, branch);
	}
	GPtrArray *out = g_ptr_array_new();
	g_ptr_array_add(out, group);
	for (guint i = at + 1; i < items->len; i++)
		g_ptr_array_add(out, items->pdata[i]);
	return out;
}
