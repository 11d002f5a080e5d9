"""The formats of ArduPilot's messages, with units and multipliers, as version 4.5 writes them.

Sources: ArduPilot libraries/AP_Logger/LogStructure.h and those of the vehicles and libraries.
"""

from typing import Final, NamedTuple

from windsock.firmware_sim.flights.trajectory import Kind


class Format(NamedTuple):
    """One message type: number, type letters, fields, and each field's unit and multiplier."""

    number: int
    letters: str
    fields: str
    units: str
    multipliers: str


FORMATS: Final = {
    "FMT": Format(128, "BBnNZ", "Type,Length,Name,Format,Columns", "-b---", "-----"),
    "UNIT": Format(115, "QbZ", "TimeUS,Id,Label", "s--", "F--"),
    "FMTU": Format(114, "QBNN", "TimeUS,FmtType,UnitIds,MultIds", "s---", "F---"),
    "MULT": Format(116, "Qbd", "TimeUS,Id,Mult", "s--", "F--"),
    "PARM": Format(32, "QNff", "TimeUS,Name,Value,Default", "s---", "F---"),
    "MSG": Format(59, "QZ", "TimeUS,Message", "s-", "F-"),
    "MODE": Format(118, "QMBB", "TimeUS,Mode,ModeNum,Rsn", "s---", "F---"),
    "EV": Format(181, "QB", "TimeUS,Id", "s-", "F-"),
    "ERR": Format(184, "QBB", "TimeUS,Subsys,ECode", "s--", "F--"),
    "ARM": Format(186, "QBIBB", "TimeUS,ArmState,ArmChecks,Forced,Method", "s----", "F----"),
    "VER": Format(
        201, "QBHBBBBIZHB", "TimeUS,BT,BST,Maj,Min,Pat,FWT,GH,FWS,APJ,BU", "s----------",
        "F----------",
    ),
    "STAT": Format(
        2, "QBfBBBBB", "TimeUS,isFlying,isFlyProb,Armed,Safety,Crash,Still,Stage", "s-------",
        "F-------",
    ),
    "ATT": Format(
        70, "QccccCCCCB", "TimeUS,DesRoll,Roll,DesPitch,Pitch,DesYaw,Yaw,ErrRP,ErrYaw,AEKF",
        "sddddhhdh-", "FBBBBBBBB-",
    ),
    "IMU": Format(
        163, "QBffffffIIfBBHH",
        "TimeUS,I,GyrX,GyrY,GyrZ,AccX,AccY,AccZ,EG,EA,T,GH,AH,GHz,AHz",
        "s#EEEooo--O--zz", "F-000000-----00",
    ),
    "VIBE": Format(166, "QBfffI", "TimeUS,IMU,VibeX,VibeY,VibeZ,Clip", "s#ooo-", "F-000-"),
    "BARO": Format(
        64, "QBffcfIffB", "TimeUS,I,Alt,Press,Temp,CRt,SMS,Offset,GndTemp,Health", "s#mPOnsmO-",
        "F-00B0C?0-",
    ),
    "CTUN": Format(
        0, "Qffffffefffhh", "TimeUS,ThI,ABst,ThO,ThH,DAlt,Alt,BAlt,DSAlt,SAlt,TAlt,DCRt,CRt",
        "s----mmmmmmnn", "F----00B000BB",
    ),
    "RCOU": Format(
        62, "QHHHHHHHHHHHHHH", "TimeUS,C1,C2,C3,C4,C5,C6,C7,C8,C9,C10,C11,C12,C13,C14",
        "sYYYYYYYYYYYYYY", "F--------------",
    ),
    "BAT": Format(
        86, "QBfffffcfBBB", "TimeUS,Inst,Volt,VoltR,Curr,CurrTot,EnrgTot,Temp,Res,RemPct,H,SH",
        "s#vvAaXOw%-%", "F-000C0?0000",
    ),
    "GPS": Format(
        90, "QBBIHBcLLeffffB",
        "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U", "s#-s-S-DUmnhnh-",
        "F--C-0BGGB000--",
    ),
    "XKF1": Format(
        44, "QBccCfffffffccce", "TimeUS,C,Roll,Pitch,Yaw,VN,VE,VD,dPD,PN,PE,PD,GX,GY,GZ,OH",
        "s#ddhnnnnmmmkkkm", "F-BBB0000000BBBB",
    ),
    "XKF4": Format(
        47, "QBcccccfffHBIHb", "TimeUS,C,SV,SP,SH,SM,SVT,errRP,OFN,OFE,FS,TS,SS,GPS,PI",
        "s#------mm-----", "F-------??-----",
    ),
}  # fmt: skip
PLANE_CTUN: Final = Format(
    0, "Qccccffffffi", "TimeUS,NavRoll,Roll,NavPitch,Pitch,ThO,RdO,ThD,As,SAs,E2T,GU",
    "sdddd---nn-n", "FBBBB---00-B",
)  # fmt: skip
QTUN: Final = Format(
    3, "QffffffeccfBB", "TimeUS,ThI,ABst,ThO,ThH,DAlt,Alt,BAlt,DCRt,CRt,TMix,Trn,Ast",
    "s----mmmnn---", "F----00000---",
)  # fmt: skip


def formats(kind: Kind) -> dict[str, Format]:
    """The formats that this vehicle's firmware has."""
    if kind == "multicopter":
        return FORMATS
    own = FORMATS | {"CTUN": PLANE_CTUN}
    return own if kind == "plane" else own | {"QTUN": QTUN}
