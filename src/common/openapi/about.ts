import { ApiExtension } from '@nestjs/swagger';

/** Says what a controller is about: the description of its tag in the document. */
export const About = (text: string): ClassDecorator => ApiExtension('x-about', text);
