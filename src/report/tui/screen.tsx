import { Box, type Key, Text, useInput } from 'ink';
import type { ReactElement } from 'react';
import { createStyle, type Style } from '../style.js';
import {
  isTooSmall,
  type Layout,
  layOut,
  leftWidth,
  type Panel,
  ruleLine,
  type ScreenSize,
  smallestScreen,
} from './layout.js';
import type { DashboardView } from './view.js';

/** What a screen needs to be drawn. */
export interface ScreenProps {
  readonly view: DashboardView;
  readonly size: ScreenSize;
  readonly color: boolean;
  readonly unicode: boolean;
  /** Absent where keys cannot be read. */
  readonly onKey?: ((input: string, key: Key) => void) | undefined;
}

/** The whole dashboard, at most `size.rows − 1` lines high and never wider than `size.columns`. */
export function Screen(props: ScreenProps): ReactElement {
  const { size, view, onKey } = props;
  useInput((input, key) => onKey?.(input, key), { isActive: onKey !== undefined });
  const styleOf = (width: number): Style => createStyle({ color: props.color, unicode: props.unicode, width });
  if (isTooSmall(size)) return <TooSmall size={size} />;
  return <Panels layout={layOut(view, size, styleOf)} size={size} styleOf={styleOf} />;
}

/** Said in the few words that fit nearly anywhere; with the size, so that every resize is seen to be noticed. */
function TooSmall({ size }: { readonly size: ScreenSize }): ReactElement {
  const { columns, rows } = smallestScreen;
  return (
    <Box height={1} width={size.columns} overflow="hidden">
      <Text wrap="truncate">{`too small: ${size.columns}x${size.rows}, needs ${columns}x${rows} (q quits)`}</Text>
    </Box>
  );
}

function Panels(props: {
  readonly layout: Layout;
  readonly size: ScreenSize;
  readonly styleOf: (width: number) => Style;
}): ReactElement {
  const { layout, size, styleOf } = props;
  const left = layout.right.length === 0 ? size.columns : leftWidth(size);
  const right = size.columns - 2 - left;
  return (
    <Box flexDirection="column" width={size.columns} height={Math.max(1, size.rows - 1)} overflow="hidden">
      <Lines lines={layout.header} />
      <Box flexGrow={1} columnGap={2} overflow="hidden">
        <Stack panels={layout.left} width={left} style={styleOf(left)} />
        {layout.right.length === 0 ? null : <Stack panels={layout.right} width={right} style={styleOf(right)} />}
      </Box>
      <Lines lines={layout.footer} />
    </Box>
  );
}

function Stack(props: {
  readonly panels: readonly Panel[];
  readonly width: number;
  readonly style: Style;
}): ReactElement {
  return (
    <Box flexDirection="column" width={props.width} overflow="hidden">
      {props.panels.map((panel) => (
        <Lines key={panel.title} lines={[ruleLine(panel.title, props.style), ...panel.lines]} />
      ))}
    </Box>
  );
}

/** Lines that never wrap: what is too wide is cut, so that a panel is as high as its number of lines. */
function Lines({ lines }: { readonly lines: readonly string[] }): ReactElement {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its position; it has no other identity
        <Text key={index} wrap="truncate">
          {line === '' ? ' ' : line}
        </Text>
      ))}
    </Box>
  );
}
