/**
 * Names of handlers (handlers.ts), most executed first: the mean share of instructions over the programs that
 * tools/hot-set.ts runs, which writes this file. The hot set is the front of this list.
 */
const MEASURED = `
  MOV =Ev,Gv 32 | MOV =Ev,Gv 64 | MOV =Gv,Ev 64 memory | PUSH Zv 64 | POP =Zv 64 | JMP Jb | MOV =Gv,Ev 32 memory |
  MOV =Ev,Gv 64 memory | LEA =Gv,&M 64 memory | XOR +Ev,Gv 32 no flags | RET  | MOVZX =Gv,Eb 64 memory | CALL Jz |
  CMP Ev,Gv 64 + JE | TEST Ev,Gv 32 + JE | ADD +Ev,Gv 64 no flags | ADD +Ev,sIb 64 no flags | CMP Ev,Gv 64 + JB |
  TEST Ev,Gv 64 + JE | LEA =Gv,&M 32 memory | MOVZX =Gv,Eb 64 memory indexed | MOV =Ev,Gv 32 memory |
  ADD +Ev,Gv 32 no flags | INC +Ev 64 no flags | XOR +Ev,Gv 32 | CMP Ev,sIb 32 + JE | MOVUPS =Vps,Wps |
  ADD +Ev,sIb 64 | MOV =Eb,Ib memory indexed | ADD +Ev,Gv 64 | MOVZX =Gv,Eb 64 | MOV =Gb,Eb memory indexed |
  ROR +Ev,Ib 32 no flags | MOVUPS =Vps,Wps memory | AND +Ev,Gv 32 no flags | MOV =Eb,Gb memory indexed |
  CMP Eb,Ib memory + JE | SUB +Ev,sIb 64 | MULSD +Vsd,Wsd | ADD +Ev,Gv 32 | MOV =Zv,Iz 32 | MOV =Eb,Gb memory |
  ROL +Ev,Ib 32 no flags | AND +Ev,sIb 32 | CMP Eb,Ib memory | CMP Gv,Ev 64 memory + JB |
  CMP Ev,sIb 32 no flags + JBE | MOV =Ev,Iz 32 memory | TEST Eb,Gb + JE | INC +Ev 32 memory |
  LEA =Gv,&M 32 memory indexed | MOVSXD =Gv,Ed 64 | MOV =Gb,Eb memory | ADC +Ev,sIb 64 no flags |
  CMP Ev,sIb 32 + JBE | JMP Ev | MOVSXD =Gv,Ed 64 memory indexed | CMP AL,Ib + JBE | LEA =Gv,&M 64 memory indexed |
  SUB +Ev,Gv 32 | UNPCKHPD +Vpd,Wpd | MOVSD =Vsd,Msd memory | MULPD +Vpd,Wpd | MOV =Gv,Ev 32 memory indexed |
  AND +Ev,sIb 32 no flags | SHR +Ev,Ib 32 no flags | ENDBR64  | SUB +Ev,sIb 32 | INC +Ev 64 |
  TEST Ev,Gv 32 no flags + JE | MOVSD =Msd,Vsd memory | INC +Ev 32 no flags | CMP Ev,Gv 32 memory |
  MOVUPS =Wps,Vps memory | MOVSXD =Gv,Ed 64 memory | PXOR +Vdq,Wdq | CALL Ev | SETL =Eb | SETG =Eb |
  CMP Ev,sIb 32 no flags + JE | ADD +Gv,Ev 32 memory no flags | CMP Ev,sIb 64 + JBE | CMP Ev,sIb 64 + JE |
  CMP Ev,Gv 32 + JE | SHR +Ev,1 16 no flags | TEST Ev,Gv 32 + JL | ADD +Gv,Ev 32 memory indexed no flags |
  CMP Eb,Gb + JE | NOT +Ev 32 | SUB +Ev,Gv 64 no flags | AND +Ev,sIb 64 no flags | MOVSX =Gv,Ew 32 memory | JNE Jb |
  MOV =Gv,Ev 64 memory indexed | CMP Ev,sIb 64 memory + JE | JE Jb | PCMPEQB +Vdq,Wdq | CMP Ev,Gv 32 + JLE |
  CMOVNE +Gv,Ev 32 | MOV =Ev,Gv 16 memory indexed | AND +rAX,Iz 32 no flags | PMOVMSKB =Gd,Udq |
  SHL +Ev,Ib 32 no flags | TEST Eb,Ib + JE | MOV =Gv,Ev 16 memory indexed | MOVZX =Gv,Ew 64 memory | POR +Vdq,Wdq |
  PSRLD +Udq,Ib | SUB +Gv,Ev 64 memory + JE | SUB +Ev,sIb 64 no flags | MOV =Eb,Ib |
  MOVZX =Gv,Ew 64 memory indexed | MOV =Ev,Gv 32 memory indexed | CMP Ev,Gv 64 | TEST AL,Ib + JE | ADDSD +Vsd,Wsd |
  ADD +Gv,Ev 32 memory indexed | SUBPD +Vpd,Wpd | JMP Ev memory | TEST Ev,Gv 32 + JLE | ADD +Gv,Ev 32 memory |
  SUB +Ev,sIb 32 + JE | TEST Ev,Gv 32 no flags + JLE | XOR +Ev,sIb 16 no flags | CMP Ev,Gv 64 memory + JE |
  MOV =Ev,Iz 64 memory | PADDD +Vdq,Wdq | SUB +Ev,sIb 32 no flags | CMP Ev,Gv 16 | PSLLD +Udq,Ib |
  CMP Ev,Gv 32 + JL | TEST Ev,Gv 64 no flags + JE | ROL +Ev,Ib 32 | SHR +Ev,Ib 64 no flags | ADDSD +Vsd,Wsd memory |
  ADDPD +Vpd,Wpd | OR +Ev,Gv 32 no flags | SHR +Ev,Ib 64 | MOV =Ev,Gv 64 memory indexed | ADD +Ev,sIb 32 no flags |
  PSHUFD =Vdq,Wdq,Ib | SHR +Ev,Ib 32 | SUB +Ev,Gv 32 no flags | MOV =Eb,Ib memory | TEST Ev,Gv 32 | MOVD =Vdq,Ed |
  PUNPCKLWD +Vdq,Wdq | MOV =Ev,Gv 16 memory | CBW/CWDE/CDQE +rAX 64 | MOV =Ev,Iz 64 | JLE Jb |
  SHL +Ev,Ib 64 no flags | SUB +Ev,Gv 64 | AND +Ev,sIb 32 + JE | PUNPCKLQDQ +Vdq,Wdq | CMP Ev,sIb 32 memory |
  CMP Ev,sIb 32 memory + JE | JB Jb | INC +Ev 32 | JA Jb | AND +Ev,Gv 32 | OR +Ev,Gv 64 no flags | UCOMISD Vsd,Wsd |
  CMP Ev,Gv 32 memory + JB | CALL Ev memory | SUBSD +Vsd,Wsd memory | DIVSD +Vsd,Wsd | SUBSD +Vsd,Wsd |
  SQRTSD +Vsd,Wsd | BT Ev,Ib 32 memory | DEC +Ev 32 + JE | JG Jb | ADD +Ev,sIb 32 | SHR +Eb,Ib |
  TEST Eb,Ib memory + JE | CMP Eb,Ib + JE | JAE Jb | CMP Ev,sIb 64 + JB | CMOVB +Gv,Ev 32 | NEG +Ev 64 no flags |
  AND +Ev,sIb 64 | ADD +Ev,Gv 32 memory indexed no flags | CMP Ev,sIb 64 memory | CMP Gv,Ev 64 memory + JBE |
  MOVSX =Gv,Eb 32 | CMP Ev,Gv 16 memory | CMP Eb,Gb memory indexed + JE | SETE =Eb | TEST Ev,Gv 64 |
  CMP Gv,Ev 64 memory + JE | PCMPEQB +Vdq,Wdq memory | XOR +Gv,Ev 32 memory indexed no flags |
  ADD +rAX,Iz 32 no flags | ADD +rAX,Iz 16 | CMP Ev,sIb 32 + JB | PUNPCKLBW +Vdq,Wdq | CMP Eb,Gb memory + JE |
  MOVQ =Vdq,Eq | BSF +Gv,Ev 32 | ADD +Ev,Gv 32 no flags + JE | TEST Ev,Gv 64 + JL | BT Ev,Ib 32 |
  CMP Ev,sIb 32 + JLE | MOVAPS =Vps,Wps memory | DEC +Ev 32 memory + JE | CMP Eb,Ib + JBE | CMP Ev,Gv 32 + JB |
  SHL +Ev,Ib 32 | IMUL =Gv,Ev,sIb 32 no flags | CMP Gb,Eb memory indexed no flags + JE | MOV =Gv,Ev 16 memory |
  CMP rAX,Iz 32 | CMP Eb,Ib memory indexed + JE | CMP rAX,Iz 32 + JE | OR +Ev,Gv 32 | CMP Ev,Gv 64 no flags + JB |
  CMP Gb,Eb memory + JE | TEST Ev,Iz 32 + JE | ADD +Ev,Gv 64 memory no flags | ADD +Gv,Ev 64 memory |
  ADD +Ev,sIb 32 memory | CMP Eb,Ib memory no flags + JE | CMOVBE +Gv,Ev 64 | SAR +Ev,Ib 32 |
  CMP Ev,Gv 32 memory + JLE | DEC +Ev 32 + JS | SETNE =Eb | CMP Gv,Ev 32 memory + JL | BSF +Gv,Ev 64 |
  CMP Ev,Gv 64 no flags + JE | CMP Ev,Gv 32 memory + JE | AND +Ev,Gv 64 no flags | ADD +Ev,Gv 64 + JE |
  MOVUPS =Vps,Wps memory indexed | XOR +Ev,Gv 64 no flags | ADD +Ev,Gv 64 + JS | CMP Ev,Gv 32 |
  CMP Ev,Gv 32 no flags + JLE | CMP Ev,Gv 64 memory + JB | PUNPCKHWD +Vdq,Wdq | CMP AL,Ib no flags + JE | JNS Jb |
  SHR +Ev,CL 64 no flags | CMP Ev,Gv 64 + JL | OR +Ev,sIb 64 | JMP Ev memory indexed | ADD +Ev,Gv 64 memory |
  DEC +Ev 32 no flags | PSUBB +Vdq,Wdq | CMP Ev,Gv 64 memory | SAR +Ev,Ib 64 no flags | CMOVE +Gv,Ev 32 memory |
  TEST AL,Ib no flags + JE | CMP Ev,sIb 32 memory + JLE | CMP Ev,sIb 64 no flags + JBE | SUB +Ev,Gv 32 memory |
  IMUL =Gv,Ev,sIb 64 no flags | CMP Ev,Gv 64 + JBE | MOVUPS =Wps,Vps memory indexed | OR +Eb,Ib |
  CMPXCHG +Ev,Gv 32 memory | XCHG +Ev,+Gv 32 memory | AND +Ev,sIb 32 no flags + JE | TEST Ev,Gv 16 |
  ADD +Ev,Gv 32 memory | SHL +Ev,CL 32 | PSUBD +Vdq,Wdq | XOR +Gv,Ev 64 memory | DEC +Ev 64 no flags |
  CMP rAX,Iz 32 + JBE | CMP Ev,sIb 32 no flags + JLE | IMUL +Gv,Ev 64 | TEST Ev,Iz 32 memory + JE |
  INC +Ev 32 memory indexed no flags | AND +rAX,Iz 32 | AND +rAX,Iz 32 + JE | CMOVNE +Gv,Ev 64 |
  CMP Ev,Gv 32 memory indexed + JL | PMULLW +Vdq,Wdq | PMULHW +Vdq,Wdq memory | SHL +Ev,CL 32 no flags |
  XOR +Ev,Gv 64 | CMP Ev,Gv 32 no flags + JB | CMP Eb,Ib no flags + JE | MUL Ev 64 no flags | CMP rAX,Iz 64 + JE |
  AND +Ev,Gv 64 memory no flags | CMP Ev,sIb 64 | CMP Ev,sIb 32 + JL | SETB =Eb | OR +Ev,sIb 32 memory no flags |
  DEC +Ev 32 | XOR +Gv,Ev 64 memory indexed | MOVQ =Eq,Vdq | SAR +Ev,1 32 no flags |
  CMP Gv,Ev 64 memory indexed + JE | MOV =Zq,Iq | REP STOS &Yb memory | OR +Gv,Ev 32 memory no flags |
  TEST Eb,Ib no flags + JE | CMP rAX,Iz 64 + JBE | BSWAP +Zv 32 | SHR +Ev,1 32 no flags | INC +Ev 64 memory |
  MOVAPS =Wps,Vps memory | CMOVE +Gv,Ev 64 | SHL +Ev,Ib 64 | CMOVE +Gv,Ev 32 | CMP Ev,sIb 32 |
  TEST Eb,Ib memory indexed + JE | SUB +Ev,sIb 32 no flags + JE | CMP Gv,Ev 32 memory + JB | SHR +Eb,1 |
  INC +Ev 16 memory indexed | SHL +Eb,1 memory no flags | AND +Eb,Gb | TEST Eb,Gb no flags + JE | XOR +Ev,sIb 32 |
  CMP Eb,Ib | SAR +Ev,CL 64 memory no flags | JBE Jb | PCMPISTRI Vdq,Wdq,Ib | SBB +Ev,Gv 32 no flags | JGE Jb |
  XOR +Gv,Ev 64 memory no flags | SAR +Ev,CL 64 no flags | SHR +Ev,CL 32 no flags | MOV =Ev,Iz 16 memory indexed |
  SUB +Ev,Gv 64 memory | OR +Gv,Ev 32 memory | REP MOVS &Xb memory | SAR +Ev,Ib 64 | AND +Eb,Gb + JE |
  CMOVS +Gv,Ev 64 | DEC +Ev 32 memory | CMOVB +Gv,Ev 64 | PAND +Vdq,Wdq | SAR +Ev,CL 32 no flags |
  PACKUSWB +Vdq,Wdq | PSRLW +Udq,Ib | AND +Ev,Gv 64 | CMP Eb,Gb no flags + JE | SHR +Eb,Ib no flags |
  CMP Eb,Gb memory no flags + JE | CMP Eb,Ib no flags + JBE | SUB +Gv,Ev 64 memory no flags |
  OR +Ev,sIb 64 no flags | CMP Gv,Ev 64 memory | CMP AL,Ib + JE | CMP Ev,sIb 64 no flags + JE | CMP Ev,Gv 64 + JLE |
  XOR +Gv,Ev 32 memory indexed | ADD +Ev,Gv 32 memory no flags | CMP Ev,sIb 32 memory + JS | CMP Ev,sIb 64 + JLE |
  SETNE =Eb memory | TEST Eb,Gb memory | CMP Ev,sIb 64 + JL | BSF +Gv,Ev 64 no flags |
  CMP Ev,sIb 32 memory indexed + JE | PSHUFB +Vdq,Wdq | CMP Eb,Gb | SBB +Ev,Gv 64 no flags | OR +Ev,sIb 32 memory |
  CMP Ev,Gv 64 memory no flags + JB | ADD +Ev,sIb 64 memory no flags | DEC +Ev 64 |
  CMP Ev,Gv 64 memory no flags + JE | NEG +Ev 32 no flags | XCHG +Ev,+Gv 64 memory | OR +Ev,sIb 64 memory |
  OR +Ev,Gv 32 memory indexed | SHL +Ev,CL 64 no flags | ADD +Ev,Gv 64 no flags + JS | SUB +Ev,Gv 32 + JS |
  IMUL =Gv,Ev,sIb 32 | CMP Eb,Ib + JB | OR +Ev,Gv 64 | SAR +Ev,CL 32 | IMUL +Gv,Ev 64 no flags |
  PMINUB +Vdq,Wdq memory | IMUL +Gv,Ev 64 memory no flags | CMOVL +Gv,Ev 32 | SETE =Eb memory |
  MOVHPS +Vps,Mq memory | CMOVLE +Gv,Ev 32 | TEST Eb,Ib memory no flags + JE | CMP rAX,Iz 32 no flags + JBE |
  ROL +Ev,Ib 64 | CMP Ev,sIb 64 no flags + JL | CMOVA +Gv,Ev 64 | SHR +Ev,1 64 | CMP Ev,Gv 32 no flags + JE |
  SUB +Ev,Gv 32 + JE | CMP Gv,Ev 64 memory no flags + JBE | MOVZX =Gv,Ew 64 | TEST rAX,Iz 32 + JE |
  CMOVAE +Gv,Ev 32 | PSHUFLW =Vdq,Wdq,Ib | SUB +Gv,Ev 32 memory | JL Jb | SETLE =Eb | MOV =Ev,Iz 16 memory |
  CMOVA +Gv,Ev 32 | CMP Ev,sIb 64 memory no flags + JE | MOVSS =Vss,Mss memory | SUB +rAX,Iz 32 |
  PUNPCKHBW +Vdq,Wdq | CMP Ev,Gv 32 memory indexed + JLE | CMP Ev,Gv 32 no flags + JL | OR +Ev,sIb 32 no flags |
  TEST Eb,Gb no flags + JL | OR +Ev,sIb 32 | SUB +Ev,Gv 32 no flags + JE | CMP Ev,sIb 64 memory + JLE |
  TEST Ev,Iz 64 + JE | CMOVGE +Gv,Ev 32 | BTS +Rv,Gv 64 no flags | CMOVNS +Gv,Ev 32 | CMP AL,Ib no flags + JBE |
  CMP Ev,Gv 16 memory indexed | CMP Eb,Gb no flags + JB | SUB +Ev,Gv 64 + JE | INC +Ev 64 + JE |
  TEST Eb,Gb memory no flags + JE | AND +Eb,Gb memory no flags | DEC +Ev 32 memory no flags | TEST Ev,Iz 16 |
  SUB +Ev,sIb 32 + JS | XOR +Ev,sIb 32 no flags | CMP Eb,Gb memory | CMP Ev,sIb 16 memory |
  CMP Ev,sIb 32 memory no flags + JE | SUB +Gv,Ev 64 memory | TEST Ev,Gv 32 no flags + JL | SHR +Ev,CL 32 |
  TEST Ev,Gv 64 + JLE | CMP Ev,Gv 64 memory + JBE | SHL +Ev,CL 64 | REP STOS &Yv 64 memory | CMOVLE +Gv,Ev 64 |
  CMOVLE +Gv,Ev 32 memory | ADD +Ev,sIb 32 memory indexed | SAR +Ev,Ib 32 no flags | SHR +Ev,CL 64 |
  AND +Gv,Ev 64 memory no flags | CMP Ev,Gv 32 memory indexed | PADDD +Vdq,Wdq memory | PSLLW +Udq,Ib |
  PADDQ +Vdq,Wdq | NOT +Ev 64 | SUB +Ev,Gv 64 + JBE | JS Jb | BSWAP +Zv 64 | TEST Eb,Gb |
  SUB +Gv,Ev 32 memory indexed | DIV Ev 32 no flags | MUL Ev 64 memory no flags | AND +Eb,Ib + JE |
  CVTSI2SD +Vsd,Ey 64 | SUB +Ev,sIb 32 memory | MOVSS =Mss,Vss memory | PCMPISTRI Vdq,Wdq,Ib memory |
  ADC +Ev,Gv 64 | CMP Gv,Ev 32 memory no flags + JB | SYSCALL  | SHL +Ev,1 64 | CPUID  |
  TEST rAX,Iz 64 no flags + JE | SAR +Ev,1 32 | DEC +Eb no flags + JE | CMP AL,Ib | MOVSX =Gv,Eb 64 memory |
  AND +Eb,Ib | SUB +Ev,Gv 64 memory no flags | SHR +Eb,1 no flags | SHR +Eb,CL no flags | BSF +Gv,Ev 32 no flags |
  DIV Ev 64 no flags | OR +Eb,Gb memory | OR +Eb,Ib memory no flags | CMP Ev,sIb 16 memory indexed |
  CMOVG +Gv,Ev 32 | CMP Gv,Ev 32 memory indexed + JL | INC +Ev 16 memory indexed no flags |
  CMP Gv,Ev 32 memory + JLE | ADD +Gv,Ev 64 memory no flags | IMUL +Gv,Ev 32 | CMP Ev,Gv 32 memory + JL |
  PSRLDQ +Udq,Ib | SHUFPS +Vps,Wps,Ib | PADDB +Vdq,Wdq | MOVAPS =Vps,Wps memory indexed | NEG +Ev 32 |
  CMP Ev,Gv 32 memory + JBE | ADD +Ev,Gv 32 + JS | CMP rAX,Iz 64 no flags + JBE | JP Jb |
  CMP Ev,sIb 64 memory + JBE | DIV Ev 32 memory no flags | CVTTSD2SI =Gy,Wsd 64 | TEST Eb,Gb + JL |
  INC +Ev 64 memory no flags | MUL Ev 64 memory | SHLD +Ev,Gv,Ib 64 no flags | MUL Ev 64 |
  CMP Ev,sIb 64 no flags + JB | CMOVNE +Gv,Ev 64 memory | CVTTSD2SI =Gy,Wsd 32 | CVTSI2SD +Vsd,Ey 32 memory |
  ADD +Ev,sIb 32 memory no flags | SUB +Ev,Gv 64 no flags + JBE | CMP Ev,sIb 32 memory + JL | PUSH sIb 64 |
  OR +Eb,Gb | CMP Ev,sIb 16 | AND +Ev,sIb 64 memory | MOVSX =Gv,Eb 32 memory | TEST Eb,Gb memory no flags |
  CMP rAX,Iz 32 no flags + JE
`;

export const HOT_SET: readonly string[] = MEASURED.split("|").map((name) => name.trim());
