/**
 * Names of handlers (handlers.ts), most executed first: the mean share of instructions over runs of the CPU benchmark's
 * kernels and of busybox sha256sum, md5sum, sort, gzip, bzip2, grep, tr, cut, wc, uniq, od, base64, sed and ash, measured
 * with an interpreter generated with `profile`. The hot set is the front of this list, then the rows by their frequencies.
 */
const MEASURED = `
  MOV =Ev,Gv 32 | MOV =Ev,Gv 64 | MOV =Gv,Ev 64 memory | XOR +Ev,Gv 32 no flags | JMP Jb | PUSH Zv 64 | POP =Zv 64 |
  MOV =Gv,Ev 32 memory | ADD +Ev,Gv 32 no flags | LEA =Gv,&M 64 memory | ADD +Ev,sIb 64 no flags |
  MOVZX =Gv,Eb 64 memory | MOV =Ev,Gv 64 memory | RET  | ADD +Ev,Gv 64 no flags | CALL Jz |
  TEST Ev,Gv 32 no flags + JE | INC +Ev 64 no flags | LEA =Gv,&M 32 memory | MOV =Ev,Gv 32 memory |
  CMP Ev,Gv 64 no flags + JE | MOVZX =Gv,Eb 64 memory indexed | MOVUPS =Vps,Wps | CMP Ev,Gv 64 no flags + JB |
  MOV =Eb,Ib memory indexed | AND +Ev,Gv 32 no flags | MOVZX =Gv,Eb 64 | ROR +Ev,Ib 32 no flags |
  CMP Ev,sIb 32 no flags + JBE | ROL +Ev,Ib 32 no flags | MOV =Gb,Eb memory indexed | CMP Ev,sIb 32 + JE |
  MULSD +Vsd,Wsd | MOVUPS =Vps,Wps memory | ADD +Ev,Gv 64 | TEST Ev,Gv 64 no flags + JE | AND +Ev,sIb 32 no flags |
  MOV =Eb,Gb memory indexed | MOV =Eb,Gb memory | SUB +Ev,sIb 64 no flags | LEA =Gv,&M 32 memory indexed |
  MOV =Zv,Iz 32 | ADD +Gv,Ev 32 memory no flags | CMP Eb,Ib memory no flags + JE | CMP Eb,Ib memory |
  CMP Ev,sIb 32 no flags + JE | MOVSXD =Gv,Ed 64 | MOV =Ev,Iz 32 memory | ADD +Gv,Ev 32 memory indexed no flags |
  TEST Ev,Gv 64 + JE | SHR +Ev,Ib 32 no flags | INC +Ev 32 memory no flags | MOV =Gb,Eb memory | JMP Ev |
  MOVSXD =Gv,Ed 64 memory indexed | CMP Gv,Ev 64 memory + JB | CMP AL,Ib no flags + JBE | UNPCKHPD +Vpd,Wpd |
  SUB +Ev,sIb 32 no flags | ADC +Ev,sIb 64 no flags | ADD +Ev,sIb 64 | TEST Eb,Gb no flags + JE | MULPD +Vpd,Wpd |
  INC +Ev 32 no flags | MOVSD =Vsd,Msd memory | LEA =Gv,&M 64 memory indexed | MOV =Gv,Ev 32 memory indexed |
  CMP Ev,Gv 64 + JE | CMP Ev,Gv 32 memory | MOVSXD =Gv,Ed 64 memory | SUB +Ev,Gv 32 | MOVSD =Msd,Vsd memory |
  SETL =Eb | SETG =Eb | CALL Ev | PXOR +Vdq,Wdq | NOT +Ev 32 | MOVUPS =Wps,Vps memory | CMP Eb,Gb no flags + JE |
  SHR +Ev,1 16 no flags | CMP Ev,Gv 32 no flags + JE | SUB +Ev,Gv 64 no flags | TEST Ev,Gv 32 + JE |
  AND +Ev,sIb 64 no flags | CMP Ev,Gv 64 + JB | SHL +Ev,Ib 32 no flags | TEST Ev,Gv 32 no flags + JLE |
  MOVSX =Gv,Ew 32 memory | JNE Jb | MOV =Gv,Ev 64 memory indexed | CMP Ev,Gv 32 no flags + JLE | PSRLD +Udq,Ib |
  SUB +Ev,Gv 32 no flags | POR +Vdq,Wdq | TEST Ev,Gv 32 + JL | CMOVNE +Gv,Ev 32 | AND +Ev,sIb 32 | ADDSD +Vsd,Wsd |
  SUBPD +Vpd,Wpd | SHR +Ev,Ib 64 no flags | JE Jb | CMP Ev,sIb 64 memory + JE | PCMPEQB +Vdq,Wdq |
  MOV =Gv,Ev 16 memory indexed | XOR +Ev,Gv 32 | CMP Ev,sIb 64 no flags + JE | ADD +Ev,sIb 32 no flags |
  MOV =Ev,Gv 16 memory indexed | OR +Ev,Gv 32 no flags | MOV =Eb,Ib | MOVZX =Gv,Ew 64 memory |
  MOVAPS =Wps,Vps memory | CMP Ev,Gv 64 | AND +rAX,Iz 32 no flags | PMOVMSKB =Gd,Udq |
  MOVZX =Gv,Ew 64 memory indexed | PSLLD +Udq,Ib | MOV =Ev,Gv 32 memory indexed | PADDD +Vdq,Wdq |
  SUB +Gv,Ev 64 memory + JE | JMP Ev memory | SUB +Ev,sIb 32 no flags + JE | XOR +Ev,sIb 16 no flags |
  CMP Ev,sIb 64 + JE | ADDSD +Vsd,Wsd memory | ADDPD +Vpd,Wpd | CMP Ev,sIb 64 + JBE | ENDBR64  | TEST Eb,Ib + JE |
  CMP Ev,sIb 32 + JBE | TEST Eb,Gb + JE | CMP Ev,Gv 32 + JL | CMP Ev,Gv 16 | SUB +Ev,sIb 64 | MOV =Ev,Iz 64 memory |
  CMP Ev,sIb 64 no flags + JBE | TEST Ev,Gv 32 no flags + JL | PUNPCKLQDQ +Vdq,Wdq | PSHUFD =Vdq,Wdq,Ib |
  TEST Ev,Gv 32 | PUNPCKLWD +Vdq,Wdq | MOVD =Vdq,Ed | TEST AL,Ib no flags + JE | JLE Jb | CBW/CWDE/CDQE +rAX 64 |
  JA Jb | CMP Ev,Gv 32 memory no flags + JB | SHR +Eb,Ib no flags | SHL +Ev,Ib 64 no flags | SUBSD +Vsd,Wsd memory |
  SUBSD +Vsd,Wsd | DIVSD +Vsd,Wsd | UCOMISD Vsd,Wsd | SQRTSD +Vsd,Wsd | DEC +Ev 32 no flags + JE |
  CMP Ev,sIb 32 memory | CMP Eb,Ib memory + JE | CMP Eb,Gb memory indexed no flags + JE | MOV =Ev,Gv 16 memory |
  MOV =Ev,Iz 64 | MOV =Ev,Gv 64 memory indexed | CMP Ev,Gv 64 memory + JE | CALL Ev memory |
  CMP Eb,Gb memory no flags + JE | MOV =Eb,Ib memory | ADD +Ev,Gv 32 memory indexed no flags | JG Jb |
  XOR +Gv,Ev 32 memory indexed no flags | OR +Ev,Gv 64 no flags | CMP Ev,sIb 64 memory | CMP Ev,Gv 16 memory |
  CMP Ev,sIb 32 memory no flags + JE | MOVSX =Gv,Eb 32 | ADD +rAX,Iz 32 no flags | CMOVB +Gv,Ev 32 |
  PCMPEQB +Vdq,Wdq memory | ADD +Ev,Gv 64 memory no flags | CMP Ev,sIb 32 + JB | TEST Eb,Ib memory + JE |
  TEST Eb,Ib no flags + JE | IMUL =Gv,Ev,sIb 32 no flags | AND +Ev,sIb 32 no flags + JE | TEST Ev,Gv 64 |
  MOVHPS +Vps,Mq memory | ADD +Ev,Gv 32 no flags + JE | PUNPCKLBW +Vdq,Wdq | CMP Ev,Gv 32 no flags + JB |
  ADD +rAX,Iz 16 no flags | MOV =Gv,Ev 16 memory | XOR +Ev,Gv 64 no flags | SUB +Ev,sIb 32 |
  DEC +Ev 32 memory no flags + JE | SETE =Eb | MOVLPS +Vps,Mq memory | BSF +Gv,Ev 32 | TEST Ev,Iz 32 + JE |
  SAR +Ev,Ib 32 no flags | TEST Ev,Gv 32 + JLE | CMP rAX,Iz 32 no flags + JE | CMP Ev,Gv 64 memory no flags + JE |
  CMP rAX,Iz 32 | CMOVBE +Gv,Ev 64 | CMP Gb,Eb memory indexed no flags + JE | TEST AL,Ib + JE |
  CMP Gv,Ev 64 memory no flags + JB | CMP Eb,Ib + JE | CMP Ev,Gv 32 + JLE | CMP Ev,sIb 64 no flags + JB |
  CMP Gb,Eb memory no flags + JE | SHL +Ev,CL 32 no flags | CMP Gv,Ev 32 memory no flags + JL |
  CMP Gv,Ev 64 memory no flags + JE | CMP Eb,Ib memory indexed + JE | ADD +Ev,Gv 32 | SETNE =Eb |
  ADD +Ev,Gv 64 no flags + JE | MOVQ =Vdq,Eq | CMP AL,Ib no flags + JE | PUNPCKHWD +Vdq,Wdq | CMP Ev,Gv 32 |
  MOVAPS =Vps,Wps memory | OR +Ev,sIb 64 no flags | DEC +Ev 32 no flags | CMP Ev,Gv 64 memory no flags + JB |
  SUB +Ev,Gv 64 | CMP Ev,Gv 32 memory + JLE | ADD +Ev,Gv 64 + JS | PSUBB +Vdq,Wdq | JNS Jb |
  CMP Eb,Ib memory indexed no flags + JE | BT Ev,Ib 32 | CMOVE +Gv,Ev 32 memory | DEC +Ev 64 no flags |
  SHR +Ev,CL 64 no flags | CMP Ev,sIb 32 + JLE | BSF +Gv,Ev 64 no flags | NEG +Ev 64 no flags |
  ADD +Ev,Gv 32 memory no flags | CMP Ev,sIb 32 memory no flags + JLE | SUB +Ev,Gv 32 memory no flags |
  CMP Ev,sIb 64 memory no flags + JE | ADD +Gv,Ev 64 memory no flags | CMP Ev,Gv 32 memory no flags + JE |
  CMP AL,Ib + JBE | CMPXCHG +Ev,Gv 32 memory | XCHG +Ev,+Gv 32 memory | JB Jb | JMP Ev memory indexed |
  IMUL =Gv,Ev,sIb 64 no flags | PSUBD +Vdq,Wdq | INC +Ev 32 memory indexed no flags | SUB +Ev,sIb 32 + JE |
  CMP Eb,Ib no flags + JE | AND +Ev,sIb 32 + JE | CMP Ev,Gv 64 memory | CMP Ev,sIb 32 no flags + JLE |
  ADD +Ev,sIb 32 memory | MOVUPS =Vps,Wps memory indexed | MOVUPS =Wps,Vps memory indexed |
  AND +Ev,Gv 64 memory no flags | TEST Ev,Gv 64 no flags + JL | PMULLW +Vdq,Wdq | PMULHW +Vdq,Wdq memory |
  AND +rAX,Iz 32 no flags + JE | TEST Ev,Iz 32 memory no flags + JE | CMP Ev,Gv 32 no flags + JL |
  ADD +Ev,sIb 32 memory no flags | BSWAP +Zv 32 | SAR +Ev,1 32 no flags | TEST Eb,Ib memory no flags + JE |
  OR +Gv,Ev 32 memory no flags | CMP Ev,Gv 32 memory indexed no flags + JL | DEC +Ev 32 no flags + JS | JAE Jb |
  SHR +Ev,CL 32 no flags | CMP Gv,Ev 64 memory + JE | CMOVE +Gv,Ev 64 | MOVQ =Eq,Vdq |
  CMP Gv,Ev 64 memory indexed no flags + JE | SETB =Eb | CMP Eb,Ib no flags + JBE | CMP rAX,Iz 64 no flags + JE |
  CMP Ev,Gv 32 + JE | CMOVNE +Gv,Ev 64 | CMP Ev,sIb 32 + JL | CMP Ev,Gv 32 + JB | INC +Ev 64 |
  OR +Ev,sIb 32 memory no flags | CMP Gv,Ev 32 memory no flags + JB | INC +Ev 16 memory indexed no flags |
  SHR +Eb,1 no flags | DEC +Ev 32 memory no flags | SAR +Ev,CL 64 memory no flags | INC +Ev 64 memory no flags |
  CMP Ev,sIb 32 | SHL +Eb,1 memory no flags | AND +Eb,Gb | TEST Ev,Gv 16 | SBB +Ev,Gv 32 no flags | JGE Jb |
  SAR +Ev,Ib 64 no flags | REP MOVS &Xb memory | PAND +Vdq,Wdq | CMP Eb,Ib | XOR +Gv,Ev 64 memory no flags |
  MOV =Ev,Iz 16 memory indexed | PACKUSWB +Vdq,Wdq | PSRLW +Udq,Ib | CMP rAX,Iz 32 no flags + JBE |
  CMOVS +Gv,Ev 64 | OR +Gv,Ev 32 memory | AND +Eb,Gb no flags + JE | CMP Ev,Gv 64 no flags + JL |
  SAR +Ev,CL 64 no flags | CMP Eb,Gb | TEST Ev,Gv 64 + JL | CMP Ev,sIb 32 memory no flags + JS |
  CMP rAX,Iz 64 + JBE | CMP Ev,sIb 64 | CMP Ev,sIb 32 memory indexed + JE | CMOVE +Gv,Ev 32 | SETNE =Eb memory |
  CMP Gv,Ev 64 memory | SUB +Gv,Ev 64 memory no flags | CMOVB +Gv,Ev 64 | SUB +Ev,Gv 64 memory |
  SAR +Ev,CL 32 no flags | ADD +Ev,sIb 64 memory no flags | SHR +Ev,1 32 no flags | XOR +Ev,sIb 32 |
  ADD +Ev,Gv 64 no flags + JS | SUB +Ev,Gv 32 + JS | OR +Ev,Gv 32 memory indexed no flags |
  TEST Eb,Ib memory indexed no flags + JE | OR +Ev,sIb 64 memory | SUB +Ev,Gv 32 + JE |
  IMUL +Gv,Ev 64 memory no flags | ADD +Ev,sIb 32 | BSF +Gv,Ev 64 | XOR +Gv,Ev 64 memory indexed no flags |
  CMP Ev,Gv 32 memory no flags + JLE | TEST Eb,Ib memory indexed + JE | REP STOS &Yb memory |
  XCHG +Ev,+Gv 64 memory | CMOVLE +Gv,Ev 32 | CMOVAE +Gv,Ev 32 | CMP Eb,Ib + JBE | CMP Ev,Gv 64 memory + JB |
  IMUL +Gv,Ev 64 no flags | PUNPCKHBW +Vdq,Wdq | PMINUB +Vdq,Wdq memory | CMOVA +Gv,Ev 32 | ROL +Ev,Ib 64 no flags |
  CMP Gv,Ev 64 memory no flags + JBE | SUB +rAX,Iz 32 no flags | CMOVL +Gv,Ev 32 | JL Jb | OR +Ev,Gv 32 |
  CMP Ev,Gv 32 memory indexed no flags + JLE | SETLE =Eb | MOVSS =Vss,Mss memory | CMOVA +Gv,Ev 64 |
  SUB +Gv,Ev 32 memory | OR +Ev,sIb 32 no flags | SUB +Ev,Gv 32 no flags + JE | INC +Ev 32 |
  DEC +Ev 32 memory + JE | CMOVNS +Gv,Ev 32 | TEST Ev,Iz 64 + JE | BTS +Rv,Gv 64 no flags |
  CMP Ev,sIb 32 memory + JE | CMOVGE +Gv,Ev 32 | CMP AL,Ib + JE | TEST Eb,Gb no flags + JL |
  CMP Ev,Gv 16 memory indexed | SUB +Ev,sIb 32 no flags + JS | SUB +Ev,Gv 64 + JE | XOR +Ev,sIb 32 no flags |
  MOV =Zq,Iq | CMP Eb,Gb no flags + JB | CMP Ev,Gv 32 memory + JE | TEST Eb,Gb memory no flags + JE |
  AND +Eb,Gb memory no flags | BT Ev,Ib 32 memory | INC +Ev 64 + JE | SETE =Eb memory | BSF +Gv,Ev 32 no flags |
  MUL Ev 64 no flags | INC +Ev 32 memory | REP STOS &Yv 64 memory | JBE Jb | AND +rAX,Iz 32 | OR +Ev,Gv 64 |
  SUB +Ev,Gv 64 memory no flags | CMOVLE +Gv,Ev 64 | CMOVLE +Gv,Ev 32 memory |
  ADD +Ev,sIb 32 memory indexed no flags | PADDD +Vdq,Wdq memory | PSLLW +Udq,Ib | PADDQ +Vdq,Wdq |
  SHR +Ev,1 64 no flags | SUB +Ev,Gv 64 no flags + JBE | MOV =Ev,Iz 16 memory | CMP Eb,Gb memory |
  SUB +Gv,Ev 32 memory indexed | SUB +Gv,Ev 64 memory | CMP Gb,Eb memory + JE | MOVAPS =Vps,Wps memory indexed |
  CMP Gv,Ev 32 memory + JL | OR +Eb,Gb | CMP Ev,Gv 32 memory indexed + JL | JS Jb | CMP Ev,Gv 32 memory indexed |
  MOVSS =Mss,Vss memory | SUB +Ev,sIb 32 memory no flags | CMP rAX,Iz 32 + JE | BSWAP +Zv 64 | DIV Ev 32 no flags |
  TEST Ev,Gv 64 + JLE | AND +Eb,Ib no flags + JE | MOVZX =Gv,Ew 64 | DEC +Ev 32 + JE | OR +Ev,sIb 64 | SYSCALL  |
  OR +Eb,Gb memory no flags | CPUID  | DEC +Eb no flags + JE | CMP AL,Ib | PSRLDQ +Udq,Ib | SHUFPS +Vps,Wps,Ib |
  PADDB +Vdq,Wdq | IMUL +Gv,Ev 32 no flags | MOVSX =Gv,Eb 64 memory | AND +Eb,Ib | CMP Ev,sIb 16 memory indexed |
  CMOVG +Gv,Ev 32 | OR +Ev,sIb 32 | OR +Eb,Ib memory no flags | CMP Ev,Gv 32 memory no flags + JL |
  CMP Gv,Ev 32 memory no flags + JLE | CMP Ev,sIb 32 no flags + JL | ADD +Ev,Gv 32 + JS | OR +Eb,Ib no flags |
  CMP Gv,Ev 32 memory indexed no flags + JL | AND +Ev,sIb 64 | SUB +Ev,sIb 64 no flags + JBE |
  CMP rAX,Iz 64 no flags + JBE | DIV Ev 64 no flags | TEST Eb,Gb | TEST Eb,Gb + JL | AND +rAX,Iz 32 + JE |
  CMP Ev,sIb 64 memory + JBE | PUSH sIb 64 | CMP Ev,Gv 64 no flags + JLE | XOR +Eb,Gb no flags |
  AND +Ev,sIb 64 memory no flags | SHL +Ev,Ib 64 | MOVSX =Gv,Eb 32 memory | DEC +Ev 64 |
  MOV =Ev,Iz 32 memory indexed | DEC +Ev 32 + JLE | ADD +Gv,Ev 16 memory no flags | CMP Eb,Gb memory indexed |
  SUB +Gv,Ev 32 memory no flags | SUB +Ev,sIb 16 memory indexed no flags | SETBE =Eb | NEG +Ev 32 no flags |
  ADD +Ev,Gv 64 memory | ADD +Gv,Ev 64 memory | SHR +Ev,Ib 32 | OR +Ev,sIb 64 memory indexed no flags |
  AND +Ev,Gv 32 + JE | CMP Eb,Gb + JB | CMP Ev,sIb 32 memory + JBE | SUB +Gv,Ev 32 memory indexed no flags |
  IMUL +Gv,Ev 64 | CMOVAE +Gv,Ev 64 | TEST Ev,Gv 64 no flags + JLE | TEST Eb,Ib memory |
  ADD +Ev,Gv 16 memory indexed no flags | DEC +Ev 32 | XCHG +Ev,+Gv 32 | DEC +Ev 32 no flags + JLE | NEG +Ev 32 |
  OR +Ev,Gv 32 memory no flags | TEST Ev,Iz 32 no flags + JE | SHR +Ev,1 64 | CMP Ev,sIb 32 memory + JLE |
  AND +Ev,Gv 64 no flags | CMP Ev,Gv 64 + JLE | IMUL +Gv,Ev 32 | TEST rAX,Iz 32 no flags + JE |
  AND +Ev,sIb 32 memory no flags | BT Rv,Gv 64 | CMP Gv,Ev 32 memory no flags + JE | CMP Eb,Gb memory indexed + JB |
  SUB +Ev,sIb 64 + JBE | XOR +Ev,sIb 64 no flags | CALL Ev memory indexed | SAR +Ev,Ib 64 |
  TEST Ev,Iz 32 memory + JE | XCHG +Zv,+rAX 32 | REP STOS &Yv 32 memory | AND +Eb,Ib no flags |
  CMOVE +Gv,Ev 64 memory | SBB +Ev,Gv 64 no flags | XOR +Gv,Ev 32 memory no flags | SAR +Ev,1 64 no flags |
  INC +Ev 16 memory no flags | PUNPCKLDQ +Vdq,Wdq | TEST Ev,Iz 64 no flags + JE | AND +Ev,Gv 32 no flags + JE |
  BSR +Gv,Ev 32 | CMOVS +Gv,Ev 32 | PMAXUB +Vdq,Wdq | SUB +Gv,Ev 64 memory no flags + JE | CMP Ev,Gv 64 + JBE |
  OR +Ev,Gv 32 memory | TEST rAX,Iz 32 + JE | SUB +Ev,sIb 32 memory no flags + JE
`;

export const HOT_SET: readonly string[] = MEASURED.split("|").map((name) => name.trim());
