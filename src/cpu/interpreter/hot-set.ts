/**
 * Names of handlers (handlers.ts), most executed first: the mean share of instructions over the programs that
 * tools/hot-set.ts runs, which writes this file. The hot set is the front of this list.
 */
const MEASURED = `
  MOV =Ev,Gv 32 | MOV =Ev,Gv 64 | MOV =Gv,Ev 64 memory | PUSH Zv 64 | POP =Zv 64 | JMP Jb | MOV =Gv,Ev 32 memory |
  XOR +Ev,Gv 32 no flags | LEA =Gv,&M 64 memory | MOV =Ev,Gv 64 memory | RET  | MOVZX =Gv,Eb 64 memory | CALL Jz |
  CMP Ev,Gv 64 + JE | ADD +Ev,sIb 64 no flags | ADD +Ev,Gv 64 no flags | TEST Ev,Gv 32 + JE | CMP Ev,Gv 64 + JB |
  LEA =Gv,&M 32 memory | MOVZX =Gv,Eb 64 memory indexed | ADD +Ev,Gv 32 no flags | MOV =Ev,Gv 32 memory |
  TEST Ev,Gv 64 + JE | INC +Ev 64 no flags | XOR +Ev,Gv 32 | MOV =Eb,Ib memory indexed | CMP Ev,sIb 32 + JE |
  MOVUPS =Vps,Wps | ADD +Ev,sIb 64 | ADD +Ev,Gv 64 | MOVZX =Gv,Eb 64 | ROR +Ev,Ib 32 no flags |
  MOV =Gb,Eb memory indexed | AND +Ev,Gv 32 no flags | MOV =Eb,Gb memory indexed | MOVUPS =Vps,Wps memory |
  MULSD +Vsd,Wsd | ADD +Ev,Gv 32 | CMP Eb,Ib memory + JE | ROL +Ev,Ib 32 no flags | SUB +Ev,sIb 64 |
  AND +Ev,sIb 32 | MOV =Eb,Gb memory | MOV =Zv,Iz 32 | CMP Gv,Ev 64 memory + JB | TEST Eb,Gb + JE |
  CMP Eb,Ib memory | CMP Ev,sIb 32 no flags + JBE | MOV =Ev,Iz 32 memory | INC +Ev 32 memory | MOVSXD =Gv,Ed 64 |
  LEA =Gv,&M 32 memory indexed | MOV =Gb,Eb memory | ADC +Ev,sIb 64 no flags | CMP Ev,sIb 32 + JBE | JMP Ev |
  MOVSXD =Gv,Ed 64 memory indexed | CMP AL,Ib + JBE | SUB +Ev,Gv 32 | UNPCKHPD +Vpd,Wpd |
  LEA =Gv,&M 64 memory indexed | MULPD +Vpd,Wpd | MOVSD =Vsd,Msd memory | SHR +Ev,Ib 32 no flags |
  MOV =Gv,Ev 32 memory indexed | SUB +Ev,sIb 32 | MOVSD =Msd,Vsd memory | CMP Ev,Gv 32 memory |
  AND +Ev,sIb 32 no flags | INC +Ev 32 no flags | MOVSXD =Gv,Ed 64 memory | TEST Ev,Gv 32 no flags + JE | SETL =Eb |
  INC +Ev 64 | SETG =Eb | CALL Ev | ADD +Gv,Ev 32 memory no flags | PXOR +Vdq,Wdq | CMP Ev,sIb 32 no flags + JE |
  CMP Ev,Gv 32 + JE | SHR +Ev,1 16 no flags | TEST Ev,Gv 32 + JL | CMP Ev,sIb 64 + JE | MOVUPS =Wps,Vps memory |
  ADD +Gv,Ev 32 memory indexed no flags | CMP Ev,sIb 64 + JBE | CMP Eb,Gb + JE | NOT +Ev 32 |
  AND +Ev,sIb 64 no flags | MOVSX =Gv,Ew 32 memory | JNE Jb | CMP Ev,sIb 64 memory + JE |
  MOV =Gv,Ev 64 memory indexed | CMP Ev,Gv 32 + JLE | SUB +Ev,Gv 64 no flags | CMOVNE +Gv,Ev 32 |
  MOV =Ev,Gv 16 memory indexed | JE Jb | SHL +Ev,Ib 32 no flags | AND +rAX,Iz 32 no flags |
  MOV =Gv,Ev 16 memory indexed | POR +Vdq,Wdq | SUB +Gv,Ev 64 memory + JE | PCMPEQB +Vdq,Wdq | TEST Eb,Ib + JE |
  PSRLD +Udq,Ib | MOV =Eb,Ib | MOVZX =Gv,Ew 64 memory | PMOVMSKB =Gd,Udq | SUB +Ev,sIb 64 no flags |
  MOVAPS =Wps,Vps memory | MOVZX =Gv,Ew 64 memory indexed | TEST AL,Ib + JE | ADDSD +Vsd,Wsd |
  ADD +Gv,Ev 32 memory indexed | SUBPD +Vpd,Wpd | MOV =Ev,Gv 32 memory indexed | CMP Ev,Gv 64 | JMP Ev memory |
  ADD +Gv,Ev 32 memory | TEST Ev,Gv 32 + JLE | SUB +Ev,sIb 32 + JE | TEST Ev,Gv 32 no flags + JLE |
  XOR +Ev,sIb 16 no flags | SUB +Ev,sIb 32 no flags | PADDD +Vdq,Wdq | CMP Ev,Gv 64 memory + JE |
  CMP Ev,Gv 32 + JL | CMP Ev,Gv 16 | MOV =Ev,Iz 64 memory | PSLLD +Udq,Ib | ROL +Ev,Ib 32 | ENDBR64  |
  ADDSD +Vsd,Wsd memory | ADDPD +Vpd,Wpd | TEST Ev,Gv 64 no flags + JE | SHR +Ev,Ib 64 | ADD +Ev,sIb 32 no flags |
  OR +Ev,Gv 32 no flags | PSHUFD =Vdq,Wdq,Ib | SHR +Ev,Ib 32 | MOVD =Vdq,Ed | TEST Ev,Gv 32 | PUNPCKLWD +Vdq,Wdq |
  MOV =Ev,Gv 64 memory indexed | CBW/CWDE/CDQE +rAX 64 | JLE Jb | SUB +Ev,Gv 32 no flags | MOV =Ev,Iz 64 |
  PUNPCKLQDQ +Vdq,Wdq | SHR +Ev,Ib 64 no flags | SHL +Ev,Ib 64 no flags | SUB +Ev,Gv 64 | CMP Ev,sIb 32 memory |
  MOV =Eb,Ib memory | MOV =Ev,Gv 16 memory | JA Jb | AND +Ev,Gv 32 | UCOMISD Vsd,Wsd | CALL Ev memory |
  SUBSD +Vsd,Wsd memory | DIVSD +Vsd,Wsd | SUBSD +Vsd,Wsd | SQRTSD +Vsd,Wsd | JB Jb | AND +Ev,sIb 32 + JE |
  BT Ev,Ib 32 memory | OR +Ev,Gv 64 no flags | DEC +Ev 32 + JE | SHR +Eb,Ib | JG Jb | ADD +Ev,sIb 32 |
  CMP Ev,Gv 32 memory + JB | INC +Ev 32 | TEST Eb,Ib memory + JE | CMOVB +Gv,Ev 32 | CMP Eb,Ib memory indexed + JE |
  ADD +Ev,Gv 32 memory indexed no flags | CMP Ev,sIb 32 memory + JE | MOVSX =Gv,Eb 32 | CMP Ev,Gv 16 memory |
  CMP Eb,Gb memory indexed + JE | CMP Ev,sIb 64 memory | CMP Gv,Ev 64 memory + JE |
  XOR +Gv,Ev 32 memory indexed no flags | ADD +rAX,Iz 32 no flags | ADD +rAX,Iz 16 | PCMPEQB +Vdq,Wdq memory |
  CMP Ev,sIb 32 + JB | CMP Eb,Ib + JE | CMP Eb,Gb memory + JE | BSF +Gv,Ev 32 | ADD +Ev,Gv 32 no flags + JE |
  PUNPCKLBW +Vdq,Wdq | TEST Ev,Gv 64 | AND +Ev,sIb 64 | MOVHPS +Vps,Mq memory | DEC +Ev 32 memory + JE |
  SHL +Ev,Ib 32 | SETE =Eb | IMUL =Gv,Ev,sIb 32 no flags | MOV =Gv,Ev 16 memory | CMP Eb,Ib + JBE |
  TEST Ev,Gv 64 + JL | CMP rAX,Iz 32 | CMP Ev,Gv 32 + JB | CMP rAX,Iz 32 + JE | CMP Ev,sIb 32 + JLE |
  MOVLPS +Vps,Mq memory | OR +Ev,Gv 32 | TEST Ev,Iz 32 + JE | CMP Gb,Eb memory indexed no flags + JE |
  ADD +Ev,sIb 32 memory | CMOVBE +Gv,Ev 64 | CMP Ev,Gv 64 no flags + JB | SAR +Ev,Ib 32 | CMP Ev,sIb 64 + JB |
  CMP Ev,Gv 32 memory + JLE | DEC +Ev 32 + JS | NEG +Ev 64 no flags | CMP Gb,Eb memory + JE | JAE Jb | SETNE =Eb |
  CMP Gv,Ev 32 memory + JL | MOVQ =Vdq,Eq | CMP Eb,Ib memory no flags + JE | ADD +Ev,Gv 64 + JE |
  CMP Ev,Gv 64 no flags + JE | MOVAPS =Vps,Wps memory | ADD +Ev,Gv 64 + JS | CMP Ev,Gv 32 no flags + JLE |
  CMP Ev,Gv 32 | PUNPCKHWD +Vdq,Wdq | CMP AL,Ib no flags + JE | CMP Ev,Gv 64 memory + JB | JNS Jb | OR +Ev,sIb 64 |
  CMP Ev,Gv 32 memory + JE | BSF +Gv,Ev 64 | ADD +Ev,Gv 64 memory no flags | BT Ev,Ib 32 | ADD +Gv,Ev 64 memory |
  PSUBB +Vdq,Wdq | CMOVE +Gv,Ev 32 memory | DEC +Ev 32 no flags | SHR +Ev,CL 64 no flags |
  TEST AL,Ib no flags + JE | CMP Ev,sIb 32 memory + JLE | SUB +Ev,Gv 32 memory | OR +Eb,Ib |
  AND +Ev,sIb 32 no flags + JE | IMUL =Gv,Ev,sIb 64 no flags | CMPXCHG +Ev,Gv 32 memory | XCHG +Ev,+Gv 32 memory |
  JMP Ev memory indexed | ADD +Ev,Gv 64 memory | ADD +Ev,Gv 32 memory | TEST Ev,Gv 16 | SHL +Ev,CL 32 |
  PSUBD +Vdq,Wdq | MOVUPS =Vps,Wps memory indexed | MOVUPS =Wps,Vps memory indexed | CMP rAX,Iz 32 + JBE |
  XOR +Gv,Ev 64 memory | INC +Ev 32 memory indexed no flags | TEST Ev,Iz 32 memory + JE | DEC +Ev 64 no flags |
  AND +rAX,Iz 32 | CMP Ev,Gv 32 memory indexed + JL | AND +rAX,Iz 32 + JE | PMULLW +Vdq,Wdq |
  PMULHW +Vdq,Wdq memory | CMP Ev,Gv 32 no flags + JB | XOR +Ev,Gv 64 no flags | CMP Ev,Gv 64 memory |
  CMP Ev,sIb 64 no flags + JBE | CMP rAX,Iz 64 + JE | AND +Ev,Gv 64 memory no flags | CMP Ev,sIb 32 + JL |
  OR +Ev,sIb 32 memory no flags | CMOVNE +Gv,Ev 64 | MOVQ =Eq,Vdq | XOR +Gv,Ev 64 memory indexed |
  SAR +Ev,1 32 no flags | CMP Gv,Ev 64 memory indexed + JE | OR +Gv,Ev 32 memory no flags | REP STOS &Yb memory |
  BSWAP +Zv 32 | DEC +Ev 32 | SETB =Eb | CMOVE +Gv,Ev 64 | SUB +Ev,sIb 32 no flags + JE |
  TEST Eb,Ib memory indexed + JE | CMP Gv,Ev 32 memory + JB | CMP Ev,sIb 32 | INC +Ev 16 memory indexed |
  SHL +Eb,1 memory no flags | SHR +Eb,1 | AND +Eb,Gb | CMP Eb,Ib no flags + JE | SAR +Ev,CL 64 memory no flags |
  INC +Ev 64 memory | CMP Eb,Ib | SBB +Ev,Gv 32 no flags | SHL +Ev,CL 32 no flags | JGE Jb |
  SAR +Ev,CL 64 no flags | TEST Eb,Gb no flags + JE | SHR +Ev,CL 32 no flags | OR +Gv,Ev 32 memory |
  MOV =Ev,Iz 16 memory indexed | CMP Ev,Gv 64 + JL | AND +Eb,Gb + JE | CMOVS +Gv,Ev 64 | CMP rAX,Iz 64 + JBE |
  REP MOVS &Xb memory | DEC +Ev 32 memory | SAR +Ev,Ib 64 | PAND +Vdq,Wdq | SUB +Ev,Gv 64 memory | CMP Ev,sIb 64 |
  PACKUSWB +Vdq,Wdq | PSRLW +Udq,Ib | CMOVB +Gv,Ev 64 | SHR +Eb,Ib no flags | CMP Eb,Gb memory no flags + JE |
  CMP Eb,Gb no flags + JE | TEST Eb,Ib no flags + JE | OR +Ev,sIb 64 no flags | CMP Gv,Ev 64 memory |
  XOR +Gv,Ev 32 memory indexed | SHL +Ev,Ib 64 | CMP Ev,sIb 32 memory + JS | SETNE =Eb memory |
  CMP Ev,sIb 32 memory indexed + JE | XOR +Ev,sIb 32 | CMP AL,Ib + JE | CMOVE +Gv,Ev 32 | SHR +Ev,1 32 no flags |
  CMP Eb,Gb | CMP Ev,Gv 64 memory no flags + JB | SUB +Gv,Ev 64 memory no flags | OR +Ev,sIb 32 memory |
  OR +Ev,sIb 64 memory | ADD +Ev,sIb 64 memory no flags | OR +Ev,Gv 32 memory indexed |
  ADD +Ev,Gv 64 no flags + JS | SUB +Ev,Gv 32 + JS | IMUL =Gv,Ev,sIb 32 | CMP Ev,Gv 64 memory no flags + JE |
  XCHG +Ev,+Gv 64 memory | CMP Ev,sIb 64 no flags + JE | SAR +Ev,CL 32 | BSF +Gv,Ev 64 no flags |
  PMINUB +Vdq,Wdq memory | IMUL +Gv,Ev 64 memory no flags | XOR +Ev,Gv 64 | CMOVLE +Gv,Ev 32 |
  CMP rAX,Iz 32 no flags + JBE | INC +Ev 64 + JE | MOV =Zq,Iq | TEST Eb,Ib memory no flags + JE |
  CMP Gv,Ev 64 memory no flags + JBE | SUB +Ev,Gv 32 + JE | CMOVL +Gv,Ev 32 | CMOVAE +Gv,Ev 32 |
  TEST rAX,Iz 32 + JE | CMOVA +Gv,Ev 64 | ROL +Ev,Ib 64 | OR +Ev,Gv 64 | CMP Ev,Gv 32 no flags + JE |
  IMUL +Gv,Ev 64 no flags | JL Jb | SETLE =Eb | CMOVA +Gv,Ev 32 | SUB +Gv,Ev 32 memory | MUL Ev 64 no flags |
  MOVSS =Vss,Mss memory | SUB +rAX,Iz 32 | CMP Ev,sIb 32 no flags + JLE | PUNPCKHBW +Vdq,Wdq |
  CMP Ev,Gv 32 memory indexed + JLE | DEC +Ev 64 | SUB +Ev,Gv 32 no flags + JE | SHR +Ev,1 64 |
  CMP Ev,Gv 32 no flags + JL | TEST Eb,Gb no flags + JL | CMOVGE +Gv,Ev 32 | CMOVNS +Gv,Ev 32 | TEST Ev,Iz 64 + JE |
  BTS +Rv,Gv 64 no flags | OR +Ev,sIb 32 | IMUL +Gv,Ev 64 | CMP Ev,Gv 16 memory indexed | OR +Ev,sIb 32 no flags |
  SUB +Ev,Gv 64 + JE | SUB +Ev,sIb 32 + JS | DEC +Ev 32 memory no flags | CMP AL,Ib no flags + JBE |
  CMP Eb,Gb no flags + JB | TEST Ev,Gv 32 no flags + JL | MOV =Ev,Iz 16 memory | TEST Eb,Gb memory no flags + JE |
  AND +Eb,Gb memory no flags | CMP Ev,sIb 32 memory no flags + JE | SETE =Eb memory | SHR +Ev,CL 32 |
  CMP Eb,Gb memory | ADD +Ev,Gv 64 + JB | XOR +Ev,sIb 32 no flags | JBE Jb | REP STOS &Yv 64 memory |
  CMOVLE +Gv,Ev 64 | CMOVLE +Gv,Ev 32 memory | ADD +Ev,sIb 32 memory indexed | OR +Eb,Gb | SUB +Gv,Ev 64 memory |
  CMP Ev,Gv 32 memory indexed | SAR +Ev,Ib 32 no flags | PADDD +Vdq,Wdq memory | PSLLW +Udq,Ib | PADDQ +Vdq,Wdq |
  SUB +Ev,Gv 64 + JBE | TEST Ev,Gv 64 + JLE | JS Jb | SUB +Gv,Ev 32 memory indexed | SUB +Ev,sIb 32 memory |
  MOVSS =Mss,Vss memory | CMP Eb,Ib no flags + JBE | DIV Ev 32 no flags | AND +Eb,Ib + JE | CVTSI2SD +Vsd,Ey 64 |
  BSWAP +Zv 64 | CMP Gv,Ev 32 memory no flags + JB | CPUID  | SAR +Ev,1 32 | SYSCALL  | MOVZX =Gv,Ew 64 |
  AND +Eb,Ib | SUB +Ev,Gv 64 memory no flags | DEC +Eb no flags + JE | CMP AL,Ib | MOVSX =Gv,Eb 64 memory |
  OR +Eb,Ib memory no flags | CMP Ev,sIb 16 memory indexed | SHR +Eb,1 no flags | CMOVG +Gv,Ev 32 |
  CMP Gv,Ev 32 memory indexed + JL | INC +Ev 16 memory indexed no flags | OR +Eb,Gb memory |
  CMP Gv,Ev 32 memory + JLE | CMP Ev,Gv 32 memory + JL | PSRLDQ +Udq,Ib | SHUFPS +Vps,Wps,Ib | PADDB +Vdq,Wdq |
  ADD +Ev,Gv 32 + JS | IMUL +Gv,Ev 32 | CMP Ev,sIb 64 memory no flags + JE | ADD +Ev,Gv 32 memory no flags |
  DIV Ev 32 memory no flags | TEST Eb,Gb | JP Jb | BSF +Gv,Ev 32 no flags | MOVAPS =Vps,Wps memory indexed |
  TEST Eb,Gb + JL | CVTTSD2SI =Gy,Wsd 64 | CMOVNE +Gv,Ev 64 memory | CMP Ev,sIb 64 memory + JBE |
  ADD +Ev,sIb 32 memory no flags | CVTSI2SD +Vsd,Ey 32 memory | CVTTSD2SI =Gy,Wsd 32 | PUSH sIb 64 |
  AND +Ev,sIb 64 memory | SUB +Ev,Gv 64 no flags + JBE | CMP Ev,Gv 64 + JLE | SAR +Ev,Ib 64 no flags |
  CMP rAX,Iz 32 no flags + JE | DEC +Ev 32 + JLE | MOVSX =Gv,Eb 32 memory | OR +Eb,Ib no flags |
  SUB +Ev,sIb 64 + JBE | MOV =Ev,Iz 32 memory indexed | PSLLDQ +Udq,Ib | DIV Ev 64 no flags |
  TEST Ev,Gv 32 memory + JE | SUB +Ev,sIb 32 no flags + JS | XOR +Eb,Gb no flags | SAR +Ev,CL 32 no flags |
  NEG +Ev 32 | CMP Ev,Gv 64 + JBE | ADD +Gv,Ev 16 memory | XCHG +Ev,+Gv 64 | ADD +Gv,Ev 64 memory no flags |
  SUB +Ev,sIb 16 memory indexed | CMP Eb,Gb memory indexed | SETBE =Eb | CMP Eb,Ib memory indexed no flags + JE |
  AND +Ev,Gv 32 + JE | XOR +Eb,Gb | SUB +Ev,sIb 64 no flags + JBE | SUB +Gv,Ev 32 memory no flags |
  TEST Eb,Ib memory | IMUL +Gv,Ev 32 no flags | CMP Ev,sIb 32 memory + JBE | CMOVAE +Gv,Ev 64 |
  SUB +Gv,Ev 32 memory indexed no flags | ADD +Ev,sIb 64 memory | OR +Ev,sIb 64 memory indexed no flags |
  CMP Eb,Gb + JB | XCHG +Zv,+rAX 32 | PMINUB +Vdq,Wdq | CMP Eb,Ib memory indexed |
  ADD +Ev,Gv 16 memory indexed no flags | XCHG +Ev,+Gv 32 | INC +Ev 64 memory no flags |
  TEST Ev,Gv 64 no flags + JL | OR +Ev,Gv 32 memory | TEST Ev,Iz 32 no flags + JE | CMP Ev,sIb 64 memory + JLE |
  AND +Ev,Gv 64 no flags
`;

export const HOT_SET: readonly string[] = MEASURED.split("|").map((name) => name.trim());
